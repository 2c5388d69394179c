"""Chinese in pictures: fontTools on the font's file, and Pillow's own drawing of it, are the oracles."""

import numpy as np
import pytest
import torch
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from course import video
from course.drawing.annotated_photo import annotated_photo
from course.drawing.detections_overlay import draw_detections
from course.drawing.figure import Drawing, drawn, new_figure
from course.drawing.letters import CHINESE, families, file_for

NAMES = ("背景", "工人", "安全帽", "三角錐", "自行車", "紅綠燈", "長頸鹿", "筆記型電腦", "烤麵包機", "吹風機")
RARE = "龘"  # in no font of ours
PHOTO = torch.full((3, 120, 240), 0.5)
ANSWER = {"boxes": [[20.0, 40, 200, 110]], "labels": [1], "scores": [0.9]}


def test_the_font_is_small_and_has_its_licence() -> None:
    assert CHINESE.stat().st_size <= 200_000
    licence = CHINESE.with_name("OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Adobe" in licence


def test_the_font_has_names_of_things_and_the_most_frequent_characters() -> None:
    known = TTFont(CHINESE)["cmap"].getBestCmap()
    frequent = "的不一是人有了大我來在上個中出子下好你會國去到這學生要地天過就可時發小多以用自行家心沒得能為著裡"
    for letter in (*"".join(NAMES), *frequent, *"。、「」ㄅㄆㄇ\uff0c\uff1a\uff1f\uff01\uff08\uff09", *"aZ09éü"):
        assert ord(letter) in known, letter
    assert ord(RARE) not in known


def png_of(names: tuple[str, ...]) -> np.ndarray:
    picture = drawn(lambda: annotated_photo(PHOTO, [[20, 40, 200, 110]], [1], names))
    return np.frombuffer(picture.png, np.uint8)


def test_bold_words_are_no_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def bold() -> Drawing:
        figure = new_figure(3, 1)
        figure.text(0.1, 0.5, "bold 安全帽", weight="bold")
        figure.text(0.6, 0.5, "slanted 安全帽", style="italic", weight="bold")
        return Drawing(figure, "", "")

    drawn(bold)
    assert [record.message for record in caplog.records if "Noto" in record.message] == []


@pytest.mark.parametrize("name", [*NAMES, RARE, f"貓{RARE}狗", "Café 貓", "кошка"])
def test_no_name_is_a_warning(name: str) -> None:
    picture = drawn(lambda: draw_detections(PHOTO, ANSWER, ("background", name), 0.5))  # warnings are errors here
    assert name in picture.alt
    assert video.marked(PHOTO, ANSWER, ("background", name)).shape == (3, 240, 480)


def test_names_differ_as_they_should_and_unknown_ones_do_not() -> None:
    assert not np.array_equal(png_of(("貓",)), png_of(("狗",)))
    assert np.array_equal(png_of((RARE,)), png_of(("齉",))), "an empty box each"


def test_each_text_has_the_font_that_knows_it() -> None:
    assert families()[0] == "DejaVu Sans"
    assert file_for("安全帽 0.90") == CHINESE
    assert file_for("кошка 0.90").name == "DejaVuSans.ttf"


def test_a_video_shows_what_pillow_draws() -> None:
    found = video.marked(PHOTO, ANSWER, ("background", "安全帽"))
    letters = Image.new("L", (120, 30), 255)
    ImageDraw.Draw(letters).text((10, 20), "安全帽 0.90", 0, ImageFont.truetype(str(CHINESE), 14), anchor="ls")
    dark = np.argwhere(np.asarray(letters) < 60)
    (top, left), (bottom, right) = dark.min(axis=0), dark.max(axis=0)
    wanted = np.asarray(letters)[top : bottom + 1, left : right + 1] < 60
    pixels = found.amax(dim=0).numpy() < 80
    windows = np.lib.stride_tricks.sliding_window_view(pixels, wanted.shape)
    assert (windows == wanted).mean(axis=(2, 3)).max() > 0.97
