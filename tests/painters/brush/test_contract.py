from engine.painters.brush.params import BrushParams
from tests.contracts.painter_contract import PainterContract
from tests.doubles.toy import cut_out


class TestOil(PainterContract):
    name = "brush"
    params = BrushParams(count=40)


class TestTransparent(PainterContract):
    name = "brush"
    params = BrushParams(count=30, palette=4, paper="canvas", opaque=False, size=(0.05, 0.2))
    background = None
    target = staticmethod(cut_out)
