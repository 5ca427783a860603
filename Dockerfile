# syntax=docker/dockerfile:1
# Two images of the service: `--target cpu` (the default) and `--target cuda`. Each holds .NET's own image and the program's
# folder, in which NuGet has put libtorch: no package of a distribution is installed, and nothing is compiled but C#.
ARG DOTNET=10.0
# libtorch's packages for Linux are for x86-64 processors alone, so on another one both are emulated.
ARG PLATFORM=linux/amd64

FROM --platform=${PLATFORM} mcr.microsoft.com/dotnet/sdk:${DOTNET} AS source
ENV DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
WORKDIR /source
COPY Directory.Build.props Directory.Packages.props global.json .editorconfig appsettings.json README.md ./
COPY build ./build
COPY docs ./docs
COPY src ./src

# A build server that stays behind would hold the step open where containers do not end what they started.
# libtorch is moved out of the program: so it is a layer of its own, which a new version of the program leaves as it is.
FROM source AS build-cpu
RUN dotnet publish src/LoraRecycle.Cli/LoraRecycle.Cli.csproj --disable-build-servers -c Release -r linux-x64 --self-contained false -o /app \
 && mv /app/libtorch /libtorch

# CUDA's own libraries come with these packages, gigabytes of them; only the driver is the host's.
FROM source AS build-cuda
RUN dotnet publish src/LoraRecycle.Cli/LoraRecycle.Cli.csproj --disable-build-servers -c Release -r linux-x64 --self-contained false -p:Torch=cuda -o /app \
 && mkdir /libtorch \
 && find /app -maxdepth 1 -name 'lib*.so*' -size +10M -exec mv -t /libtorch '{}' +

# What both images have. /data is where uploads, keys and results go; a named volume takes its owner over from here.
# 1654 is the user `app` of .NET's images.
FROM --platform=${PLATFORM} mcr.microsoft.com/dotnet/aspnet:${DOTNET} AS runtime
RUN install --directory --owner=1654 --group=1654 --mode=0750 /data
WORKDIR /app
COPY models ./models
COPY samples ./samples
# CMD says where to listen; the variable is .NET's images' own way to say it, and two would be one too many.
ENV LORA_RECYCLE_ROOT=/app Storage__Directory=/data ASPNETCORE_HTTP_PORTS=
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=12s --start-period=60s --retries=3 \
  CMD ["/app/lora-recycle", "health", "--url", "http://127.0.0.1:8080"]
ENTRYPOINT ["/app/lora-recycle"]
CMD ["serve", "--url", "http://0.0.0.0:8080"]

FROM runtime AS cuda
COPY --from=build-cuda /libtorch ./
COPY --from=build-cuda /app ./
# What NVIDIA's container toolkit mounts: the driver's libraries for computing, and nvidia-smi.
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
USER 1654:1654

FROM runtime AS cpu
COPY --from=build-cpu /libtorch ./libtorch
COPY --from=build-cpu /app ./
USER 1654:1654
