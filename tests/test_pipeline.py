"""The map of the pipeline: complete, without overlaps, and another at each stage."""

import itertools
import re
from collections import Counter

import pytest

from course import pipeline


@pytest.mark.usefixtures("words_alone")
@pytest.mark.parametrize("stage", pipeline.STAGES)
def test_every_stage_of_the_map_says_what_it_builds(stage, pictures, repo):
    pipeline.show(stage)
    here = pipeline.STAGES[stage]
    highlighted = pictures[-1].alt.split("Highlighted, ")[1]
    (text,) = repo.glob(f"solutions/lab*/{stage}.py")
    assert re.match(r"lab(\d+)", text.parent.name)[1] == re.match(r"lab (\d+): ", highlighted)[1]
    for name in here.highlighted + here.used_in:
        assert pipeline.NODES[name].title.replace("\n", " ") in highlighted


def test_stages_differ_in_the_picture(pictures):
    for stage in pipeline.STAGES:
        pipeline.show(stage)
    assert len({picture.png for picture in pictures}) == len(pipeline.STAGES)


def test_an_unknown_stage_is_told_the_known_ones(pictures):
    with pytest.raises(ValueError, match=r"no stage 'ROI'.*boxes, anchors, rpn, roi_heads"):
        pipeline.show("ROI")


def test_the_map_is_complete():
    nodes = pipeline.NODES
    assert {end for arrow in pipeline.ARROWS for end in arrow} == set(nodes)
    for stage in pipeline.STAGES.values():
        assert {*stage.highlighted, *stage.used_in} <= set(nodes)
    given = {"image", "backbone", "boxes", "truth"}  # by the course, or by all labs together
    builders = Counter(name for stage in pipeline.STAGES.values() for name in stage.builds)
    assert builders == dict.fromkeys(nodes.keys() - given, 1)
    places = [(node.column, node.row) for node in nodes.values()]
    for (x1, y1), (x2, y2) in itertools.combinations(places, 2):
        assert abs(x1 - x2) >= pipeline.WIDE or abs(y1 - y2) >= pipeline.HIGH, "two stations overlap"
