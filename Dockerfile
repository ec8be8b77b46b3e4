# The image of scangate, in two forms:
#
#   docker build --target scangate .    to run by hand, in GitLab and in clusters: never root
#   docker build .                      the action of GitHub: starts as root, as GitHub demands, and goes on as the owner of
#                                       the workspace (docs/github.md). GitHub builds the last stage; it cannot be told another.
#
# BASE: Debian or Ubuntu with Python 3.11 or later, its venv module and pip.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements requirements
RUN python3 -m venv backend && backend/bin/pip install --quiet --require-hashes --only-binary :all: -r requirements/build.txt
# Without build isolation: that would fetch setuptools anew, and unpinned, for the one dependency that has no wheel.
RUN backend/bin/pip wheel --quiet --require-hashes --no-build-isolation --wheel-dir wheels -r requirements/base.txt
COPY pyproject.toml README.md LICENSE ./
COPY policies policies
COPY src src
# The program's environment has no pip. `-I` in its first line keeps the PYTHON* variables of a CI job out of it.
RUN backend/bin/pip wheel --quiet --no-build-isolation --no-deps --wheel-dir wheels . \
 && python3 -m venv --without-pip /usr/local/lib/scangate \
 && backend/bin/pip --python /usr/local/lib/scangate/bin/python install --quiet --no-index --no-deps wheels/*.whl \
 && sed --in-place '1s/$/ -I/' /usr/local/lib/scangate/bin/scangate
RUN SCANGATE_HOME=/opt/scangate /usr/local/lib/scangate/bin/scangate engines install checkov ssh-audit

FROM ${BASE} AS scangate
ARG VERSION=""
ARG REVISION=""
LABEL org.opencontainers.image.title="scangate" \
      org.opencontainers.image.description="The gate between a build and its deployment target" \
      org.opencontainers.image.licenses="GPL-3.0-or-later" \
      org.opencontainers.image.source="https://github.com/scangate/scangate" \
      org.opencontainers.image.documentation="https://github.com/scangate/scangate/tree/main/docs" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Nothing here may gain rights: no set-user-id bits, and no file capability for nmap, which could then not be started at
# all in a container without CAP_NET_RAW. Python's own modules are compiled now, because later nobody can store that.
RUN apt-get update --quiet=2 \
 && DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends ca-certificates nmap tini \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log \
 && find / -xdev -type f -perm /6000 -exec chmod a-s {} + \
 && python3 -m compileall -q -x '/(test|idlelib|lib2to3|ensurepip)/' "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" \
 && useradd --uid 10001 --user-group --create-home scangate \
 && install --directory --mode=1777 /opt/scangate \
 && ln --symbolic /usr/local/lib/scangate/bin/scangate /usr/local/bin/scangate
COPY --from=build /opt/scangate/engines /opt/scangate/engines
COPY --from=build /usr/local/lib/scangate /usr/local/lib/scangate
# Anybody may store advisories in the home; the engines in it belong to root.
ENV SCANGATE_HOME=/opt/scangate SCANGATE_ENGINES=/opt/scangate/engines
WORKDIR /workspace
USER 10001:10001
ENTRYPOINT ["tini", "--", "scangate"]

FROM scangate AS action
# hadolint ignore=DL3002
USER root
