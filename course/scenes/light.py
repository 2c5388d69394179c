"""Times of day, and what their light does to a colour."""

from dataclasses import dataclass

from course.scenes.brush import Colour, mix


@dataclass(frozen=True)
class Mood:
    """The colours of one kind of day."""

    sky: tuple[Colour, Colour]  # above, at the horizon
    ground: tuple[Colour, Colour]  # far, near
    haze: Colour  # what distance fades to
    light: Colour
    shade: Colour
    shadows: float  # how dark they fall: 0 to 1


MOODS = (
    Mood(  # early morning
        ((112, 164, 212), (250, 230, 204)), ((206, 190, 164), (160, 136, 108)),
        (232, 220, 206), (255, 242, 214), (70, 60, 92), 0.44,
    ),
    Mood(  # noon
        ((58, 132, 208), (190, 222, 242)), ((212, 194, 160), (178, 150, 112)),
        (198, 218, 234), (255, 252, 240), (52, 58, 88), 0.50,
    ),
    Mood(  # the golden hour
        ((98, 124, 172), (255, 202, 138)), ((208, 160, 114), (140, 102, 76)),
        (248, 204, 156), (255, 226, 168), (78, 48, 72), 0.46,
    ),
    Mood(  # an overcast day
        ((146, 162, 176), (218, 224, 226)), ((176, 170, 158), (126, 120, 110)),
        (206, 212, 216), (250, 250, 250), (54, 60, 74), 0.26,
    ),
    Mood(  # dusk
        ((70, 74, 138), (246, 164, 134)), ((176, 136, 122), (116, 90, 88)),
        (216, 152, 146), (255, 206, 172), (46, 36, 74), 0.38,
    ),
    Mood(  # after rain, on grass
        ((84, 166, 198), (228, 240, 228)), ((168, 188, 124), (112, 146, 82)),
        (206, 224, 216), (255, 252, 226), (40, 62, 78), 0.44,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Tones:
    """One colour in shade, in plain light and where the sun hits."""

    dark: Colour
    mid: Colour
    bright: Colour

    def steps(self) -> tuple[tuple[Colour, float, float], ...]:
        """How to paint something round, from its shaded edge to its ridge in the sun: colour, width, shift sunwards."""
        return (
            (self.dark, 1.0, 0.0),
            (mix(self.dark, self.mid, 0.55), 0.89, 0.12),
            (self.mid, 0.74, 0.25),
            (mix(self.mid, self.bright, 0.55), 0.44, 0.38),
        )


@dataclass(frozen=True)
class Light:
    """The sun's side, −1 left or 1 right, the mood, and how much haze lies before the thing that is painted."""

    side: int
    mood: Mood
    haze: float = 0.0

    def far(self, colour: Colour) -> Colour:
        """The colour through this much haze."""
        return mix(colour, self.mood.haze, self.haze)

    def tones(self, colour: Colour, depth: float = 0.42) -> Tones:
        """The colour's three tones; ``depth`` says how round the thing looks."""
        return Tones(
            self.far(mix(colour, self.mood.shade, depth)),
            self.far(colour),
            self.far(mix(colour, self.mood.light, 0.62 * depth)),
        )
