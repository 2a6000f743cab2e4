# docker build --build-arg REFSHEET_COMMIT="$(git rev-parse --short=12 HEAD)" -t refsheet .
# docker run --rm -v "$PWD:/data" refsheet apply /data/changes.csv --sandbox
#
# Certificates come with the base image; the sheet, the settings and the ledgers from a volume.
FROM rust:1.95-bookworm AS build
WORKDIR /refsheet
COPY Cargo.toml Cargo.lock README.md ./
COPY .cargo .cargo
COPY src src
ARG REFSHEET_COMMIT=
ENV REFSHEET_COMMIT=$REFSHEET_COMMIT
RUN cargo build --release --locked

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /refsheet/target/release/refsheet /usr/bin/refsheet
WORKDIR /data
ENV REFSHEET_STATE_DIR=/data/state
USER 65532:65532
ENTRYPOINT ["/usr/bin/refsheet"]
CMD ["--help"]
