# chartgen with the embedded Helm, as a user without rights:
#   docker run --rm -v "$PWD:/work" chartgen lint charts
# Pin the base image by digest where you build (--build-arg PYTHON=python:3.13-slim@sha256:…).
ARG PYTHON=python:3.13-slim

# hadolint ignore=DL3006
FROM ${PYTHON} AS build
WORKDIR /src
COPY requirements.txt pyproject.toml README.md LICENSE ./
COPY chartgen chartgen
COPY schemas schemas
COPY ci ci
COPY docs/chartgen.1 docs/chartgen.1
RUN python -m venv /opt/chartgen \
 && /opt/chartgen/bin/pip install --no-cache-dir --no-compile --require-hashes --requirement requirements.txt \
 && /opt/chartgen/bin/pip install --no-cache-dir --no-compile --no-deps . \
 && /opt/chartgen/bin/pip uninstall --yes pip

# hadolint ignore=DL3006
FROM ${PYTHON}
# git: plan --compare git:REF, drift --git, and ci/lint-changed.sh
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 65532 --create-home --shell /usr/sbin/nologin chartgen
COPY --from=build /opt/chartgen /opt/chartgen
ENV PATH=/opt/chartgen/bin:$PATH PYTHONDONTWRITEBYTECODE=1
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["chartgen"]
CMD ["--help"]
