# syntax=docker/dockerfile:1
# Two images of the service: `--target cpu` (the default) and `--target cuda`.
# .NET 10 is not published on Debian, and libtorch and libvips are Debian's here, so the SDK and the runtime are copied
# from Microsoft's images onto Debian. The CUDA image takes PyTorch's libtorch in the place of Debian's.
ARG DOTNET=10.0
ARG DEBIAN=bookworm-slim
# The two go together: PyTorch names its archives by both.
ARG CUDA=12.4.1
ARG LIBTORCH_VERSION=2.5.1+cu124

FROM mcr.microsoft.com/dotnet/sdk:${DOTNET} AS sdk
FROM mcr.microsoft.com/dotnet/aspnet:${DOTNET} AS aspnet
FROM nvidia/cuda:${CUDA}-devel-ubuntu22.04 AS cuda-toolkit

# What both builds need: compilers, the SDK, the sources.
FROM debian:${DEBIAN} AS source
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates g++ make pkg-config libvips-dev \
 && rm -rf /var/lib/apt/lists/*
COPY --from=sdk /usr/share/dotnet /usr/share/dotnet
ENV PATH=/usr/share/dotnet:$PATH DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
WORKDIR /source
COPY Directory.Build.props Directory.Build.targets Directory.Packages.props global.json .editorconfig appsettings.json README.md ./
COPY docs ./docs
COPY src ./src

FROM source AS build-cpu
RUN apt-get update \
 && apt-get install -y --no-install-recommends libtorch-dev \
 && rm -rf /var/lib/apt/lists/* \
 && dotnet publish src/LoraRecycle.Cli/LoraRecycle.Cli.csproj -c Release --use-current-runtime --self-contained false -o /app

# PyTorch's libtorch, which brings CUDA's own libraries; only the driver is the host's.
FROM debian:${DEBIAN} AS libtorch-cuda
ARG LIBTORCH_VERSION
# Checked when it is given.
ARG LIBTORCH_SHA256=
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates curl unzip \
 && rm -rf /var/lib/apt/lists/* \
 && curl --fail --silent --show-error --location --output /tmp/libtorch.zip \
      "https://download.pytorch.org/libtorch/${LIBTORCH_VERSION#*+}/libtorch-cxx11-abi-shared-with-deps-${LIBTORCH_VERSION/+/%2B}.zip" \
 && if [ -n "${LIBTORCH_SHA256}" ]; then echo "${LIBTORCH_SHA256}  /tmp/libtorch.zip" | sha256sum --check --strict; fi \
 && unzip -q /tmp/libtorch.zip -d /opt \
 && rm /tmp/libtorch.zip

FROM source AS build-cuda
COPY --from=cuda-toolkit /usr/local/cuda/targets/x86_64-linux/include /usr/local/cuda/include
COPY --from=libtorch-cuda /opt/libtorch /opt/libtorch
ENV LIBTORCH=/opt/libtorch
RUN dotnet publish src/LoraRecycle.Cli/LoraRecycle.Cli.csproj -c Release --use-current-runtime --self-contained false -o /app

# What both images have. /data is where uploads, keys and results go; a named volume takes its owner over from here.
FROM debian:${DEBIAN} AS runtime
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates curl libssl3 libvips42 tzdata \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 service \
 && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin service \
 && install --directory --owner=10001 --group=10001 --mode=0750 /data
COPY --from=aspnet /usr/share/dotnet /usr/share/dotnet
WORKDIR /app
COPY models ./models
COPY samples ./samples
ENV DOTNET_ROOT=/usr/share/dotnet DOTNET_RUNNING_IN_CONTAINER=true DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 \
    LORA_RECYCLE_ROOT=/app Storage__Directory=/data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=12s --start-period=60s --retries=3 \
  CMD ["curl", "--fail", "--silent", "--show-error", "--output", "/dev/null", "http://127.0.0.1:8080/healthz/ready"]
ENTRYPOINT ["/app/lora-recycle"]
CMD ["serve", "--url", "http://0.0.0.0:8080"]

FROM runtime AS cuda
COPY --from=libtorch-cuda /opt/libtorch/lib /opt/libtorch/lib
COPY --from=build-cuda /app ./
# What NVIDIA's container toolkit mounts: the driver's libraries for computing, and nvidia-smi.
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
USER 10001:10001

FROM runtime AS cpu
RUN apt-get update \
 && apt-get install -y --no-install-recommends libtorch1.13 libopenblas0-openmp \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build-cpu /app ./
USER 10001:10001
