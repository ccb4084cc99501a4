from engine.painters.curves.params import CurveParams
from tests.contracts.painter_contract import PainterContract
from tests.doubles.toy import cut_out


class TestPicture(PainterContract):
    name = "curves"
    params = CurveParams(count=20, length=14, steps=60)


class TestColours(PainterContract):
    name = "curves"
    params = CurveParams(
        count=16, length=14, steps=60, pens="any", width=(1, 5), opacity=(0.3, 1), ink="cover"
    )
    background = None
    target = staticmethod(cut_out)
