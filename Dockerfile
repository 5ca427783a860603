# syntax=docker/dockerfile:1
# The service on the CPU. .NET 10 is not published on Debian, and libtorch and libvips are Debian's here,
# so the SDK and the runtime are copied from Microsoft's images onto Debian.
ARG DOTNET=10.0
ARG DEBIAN=bookworm-slim

FROM mcr.microsoft.com/dotnet/sdk:${DOTNET} AS sdk
FROM mcr.microsoft.com/dotnet/aspnet:${DOTNET} AS aspnet

FROM debian:${DEBIAN} AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates g++ make pkg-config libvips-dev libtorch-dev \
 && rm -rf /var/lib/apt/lists/*
COPY --from=sdk /usr/share/dotnet /usr/share/dotnet
ENV PATH=/usr/share/dotnet:$PATH DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
WORKDIR /source
COPY Directory.Build.props Directory.Build.targets Directory.Packages.props global.json .editorconfig appsettings.json ./
COPY src ./src
RUN dotnet publish src/LoraRecycle.Cli/LoraRecycle.Cli.csproj -c Release -o /app

FROM debian:${DEBIAN} AS cpu
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates curl libtorch1.13 libopenblas0-openmp libvips42 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin service
COPY --from=aspnet /usr/share/dotnet /usr/share/dotnet
WORKDIR /app
COPY --from=build /app ./
COPY models ./models
COPY samples ./samples
ENV DOTNET_ROOT=/usr/share/dotnet DOTNET_RUNNING_IN_CONTAINER=true DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 LORA_RECYCLE_ROOT=/app
USER service
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=12s --start-period=30s --retries=3 \
  CMD ["curl", "--fail", "--silent", "--show-error", "--output", "/dev/null", "http://127.0.0.1:8080/healthz/ready"]
ENTRYPOINT ["/app/lora-recycle"]
CMD ["serve", "--url", "http://0.0.0.0:8080"]
