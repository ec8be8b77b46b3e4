"""What an image was built on, told from annotations and history. The histories are constructed after real ones."""

from typing import Any

import pytest

from scangate.core.model import Confidence
from scangate.rootfs.base_image import Base, recognise
from scangate.rootfs.image import Config, Layer, Step

NAME, DIGEST = "org.opencontainers.image.base.name", "org.opencontainers.image.base.digest"
DEBIAN = (
    Step(
        created_by="# debian.sh --arch 'amd64' out/ 'bookworm' '@1730678400'",
        created="2024-11-04T00:00:00Z",
        comment="debuerreotype 0.15",
    ),
    Step(created_by='CMD ["bash"]', created="2024-11-12T01:21:31Z", empty=True),
)
PYTHON = (
    *DEBIAN,
    *(
        Step(created_by=text, created="2024-12-03T20:21:31Z", comment="buildkit.dockerfile.v0", empty=empty)
        for text, empty in (
            ("ENV PATH=/usr/local/bin:/usr/bin", True),
            ("RUN /bin/sh -c apt-get update # buildkit", False),
            ("RUN /bin/sh -c make python # buildkit", False),
            ('CMD ["python3"]', True),
        )
    ),
)
CLASSIC = (
    Step(created_by="/bin/sh -c #(nop) ADD file:966d2a in / ", created="2023-08-15T23:39:57.1234567Z"),
    Step(created_by='/bin/sh -c #(nop)  CMD ["/bin/sh"]', created="2023-08-15T23:39:57.2Z", empty=True),
)


def own(
    *texts: str, created: str = "2025-06-01T10:00:00Z", comment: str = "buildkit.dockerfile.v0"
) -> tuple[Step, ...]:
    """Steps of one's own; those in lower case leave a layer."""
    words = ("CMD", "ENV", "USER", "EXPOSE", "ENTRYPOINT", "ARG")
    return tuple(
        Step(created_by=each, created=created, comment=comment, empty=each.startswith(words)) for each in texts
    )


def base(history: tuple[Step, ...], system: int | None = None, **config: Any) -> Base | None:
    count = sum(not step.empty for step in history)
    layers = [Layer(index=index, digest=f"sha256:{index:064}") for index in range(count)]
    return recognise(Config(history=history, **config), layers, system=system)


def found(history: tuple[Step, ...], **config: Any) -> Base:
    answer = base(history, **config)
    assert answer
    return answer


def test_an_image_on_an_official_one_has_its_layers_below_the_last_command():
    answer = found((*PYTHON, *own("COPY . /app # buildkit", "RUN pip install # buildkit", "USER 1000", 'CMD ["app"]')))
    assert (answer.layers, answer.steps, answer.confidence) == (3, 6, Confidence.FIRM)
    assert answer.how == (
        "build step 6 is the command that a base image ends with, and layers follow it, 4310 hours later"
    )


def test_the_official_image_itself_is_built_on_its_distribution():
    answer = found(PYTHON)
    assert (answer.layers, answer.steps, answer.name) == (1, 2, "debian:bookworm")


def test_steps_of_one_moment_are_told_apart_by_their_builder_only():
    assert found((*CLASSIC, *own("COPY a b # buildkit", created="2023-08-15T23:40:00Z"))).confidence is Confidence.FIRM
    same = own("/bin/sh -c #(nop) COPY a b", created="2023-08-15T23:40:00Z", comment="")
    assert found((*CLASSIC, *same)).confidence is Confidence.POTENTIAL


def test_a_distribution_without_a_command_is_still_a_base():
    answer = found((CLASSIC[0], *own("RUN x")))
    assert (answer.layers, answer.confidence) == (1, Confidence.POTENTIAL)


def test_all_of_an_image_may_be_a_base():
    assert base(DEBIAN) is None
    assert base(CLASSIC) is None
    assert base(()) is None


def test_buildah_says_where_its_own_steps_begin():
    layered = (
        *own("COPY a b", 'CMD ["sh"]', comment=""),
        *own("ARG TOKEN", comment="FROM localhost/demo/base:1"),
        *own("ENV A=b", "COPY f g", comment="FROM 5fab25c0ff78"),
    )
    answer = found(layered)
    assert (answer.layers, answer.steps, answer.name) == (1, 2, "localhost/demo/base:1")
    assert answer.confidence is Confidence.CONFIRMED


def test_buildah_s_single_layer_takes_the_empty_steps_before_it_along():
    squashed = (
        *own("COPY a b", 'CMD ["sh"]', "ENV A=b", "USER 1000", comment=""),
        *own("COPY f g", comment="FROM localhost/demo/base:1"),
    )
    answer = found(squashed)
    assert (answer.layers, answer.steps, answer.name) == (1, 2, "localhost/demo/base:1")


def test_a_comment_of_the_base_s_own_build_is_not_ours():
    answer = found((*own("COPY a b", comment=""), *own("RUN c", comment="FROM x:1"), *own("RUN d", comment="")))
    assert (answer.layers, answer.name, answer.confidence) == (2, "", Confidence.FIRM)


def test_annotations_name_the_base_and_labels_only_where_they_do_not():
    annotations = ((DIGEST, "sha256:1"), (NAME, "docker.io/library/python:3.12"))
    labels = ((DIGEST, "sha256:2"), (NAME, "docker.io/library/debian:12"))
    history = (*PYTHON, *own("RUN x"))
    answer = found(history, annotations=annotations, labels=labels)
    assert (answer.name, answer.digest, answer.layers) == ("docker.io/library/python:3.12", "sha256:1", 3)
    assert found(history, labels=labels).name == "docker.io/library/debian:12"


def test_a_name_without_a_history_is_a_base_of_unknown_size():
    answer = found((), labels=((NAME, "debian:12"),))
    assert (answer.layers, answer.name) == (0, "debian:12")
    assert "labels, which may be those of its base" in answer.how


def test_the_layer_of_the_operating_system_is_the_last_resort():
    layers = [Layer(index=index, digest="") for index in range(4)]
    answer = recognise(Config(), layers, system=1)
    assert answer
    assert (answer.layers, answer.confidence) == (2, Confidence.POTENTIAL)
    assert recognise(Config(), layers, system=3) is None
    assert recognise(Config(), layers, system=None) is None


def test_a_history_that_does_not_fit_the_layers_says_nothing():
    assert recognise(Config(history=PYTHON), [Layer(index=0, digest="")]) is None


@pytest.mark.parametrize("created", ["", "never", "2023-99-99T00:00:00Z", "2023-08-15T23:39:57", "9" * 5000])
def test_times_of_any_shape_are_survived(created):
    assert found((*CLASSIC, *own("COPY a b # buildkit", created=created))).layers == 1
