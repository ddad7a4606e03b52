# The mock server in a container: docker run -p 4010:4010 -v "$PWD:/api:ro" descant mock /api/openapi.yaml --host 0.0.0.0
FROM rust:1-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev make cmake && rm -rf /var/lib/apt/lists/*
WORKDIR /descant
COPY . .
RUN cargo build --release --locked --package descant

FROM debian:bookworm-slim
RUN useradd --system --no-create-home descant
COPY --from=build /descant/target/release/descant /usr/local/bin/descant
USER descant
EXPOSE 4010 4011 4012
ENTRYPOINT ["descant"]
CMD ["mock", "--host", "0.0.0.0"]
