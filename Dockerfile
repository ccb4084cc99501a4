# Tessera in a container: docs/docker.md says how it is built and run.
FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml setup.cfg constraints.txt README.md LICENSE ./
COPY engine engine
RUN python -m venv /opt/tessera \
    && /opt/tessera/bin/pip install --no-cache-dir --disable-pip-version-check -c constraints.txt '.[web]'

FROM python:3.12-slim
COPY --from=build /opt/tessera /opt/tessera
# Kernels are compiled here, once, for all processors that have what this one has, and for none in particular.
ARG CPU=x86-64-v3
ENV PATH=/opt/tessera/bin:$PATH \
    NUMBA_CPU_NAME=$CPU \
    NUMBA_CPU_FEATURES="" \
    NUMBA_CACHE_DIR=/opt/tessera/kernels
RUN tessera doctor --warm && chmod -R a+rX /opt/tessera/kernels
# What is mounted at /work and new belongs to this user, too.
RUN useradd --uid 1000 --create-home tessera && install -d -o tessera -g tessera /work
USER tessera
WORKDIR /work
ENTRYPOINT ["tessera"]
CMD ["--help"]
