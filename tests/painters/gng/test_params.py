from engine.painters.gng.params import GasParams
from tests.contracts.painter_contract import SIZES, PainterContract
from tests.doubles.toy import cut_out


class TestNet(PainterContract):
    name = "gng"
    params = GasParams(count=60)


class TestLowPoly(PainterContract):
    name = "gng"
    params = GasParams(look="low-poly", points="edges", count=40)
    sizes = SIZES[:-1]  # one pixel has no edges
    rounding = 12  # in other proportions faces overlap otherwise


class TestStipple(PainterContract):
    name = "gng"
    params = GasParams(look="stipple", count=50)


class TestLayers(PainterContract):
    name = "gng"
    params = GasParams(look="layers", count=60)


class TestColour(PainterContract):
    name = "gng"
    params = GasParams(look="colour", count=40)
    background = None
    target = staticmethod(cut_out)


class TestStrokes(PainterContract):
    name = "gng"
    params = GasParams(look="strokes", count=60)
    sizes = SIZES[:-1]  # one pixel has no ridge
