"""A sealed envelope: what a case-handling organ knows and must pass on, for a purpose, under a law, to named openers only.

The content is encrypted with the county's key and is in no list, fact, log or title. Each reading is written into the
ledger with its reason. Unopened it expires; after the term nothing of the content is left, only that there was one.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gridloom.behaviours.checks import not_past
from gridloom.contract.forms import Labels, LongText, OrganizationId, Sealed, StaffId
from gridloom.contract.machine import Behaviour, Clock, Part, Side, State, Step
from gridloom.contract.types import Form

NEUTRAL = "密封移送"


class Seal(Form):
    """The envelope: whom to, what for, under which law, who may open it, until when; and what is inside."""

    organization_id: OrganizationId = Field(title="接收单位")
    purpose: Annotated[
        Literal["PREVENTION", "PROTECTION", "MEDIATION", "AID"],
        Labels(PREVENTION="预防纠纷激化", PROTECTION="人身保护", MEDIATION="调处化解", AID="困难帮扶"),
    ] = Field(title="使用目的")
    law: str = Field(title="法律依据", min_length=4, max_length=200)
    opener_ids: list[StaffId] = Field(title="指定拆阅人", min_length=1, max_length=10)
    expires_on: date = Field(title="失效日期")
    content: Annotated[LongText, Sealed()] = Field(title="密封内容", min_length=2, max_length=4000)
    safe_contact: Annotated[str | None, Sealed()] = Field(None, title="安全联系方式与时段", max_length=200)


class Deliver(Form):
    """It lies with the receiver."""


class Accept(Form):
    """A named opener takes it over."""

    related: bool = Field(title="与线索人员有利害关系")


class Return(Form):
    """The receiver gives it back unread or unused."""

    reason: Annotated[
        Literal["NOT_OUR_DUTY", "NO_BASIS", "TOO_MUCH", "RELATED"],
        Labels(NOT_OUR_DUTY="职责不符", NO_BASIS="依据不足", TOO_MUCH="超出必要范围", RELATED="拆阅人有利害关系"),
    ] = Field(title="退回原因")


class Assign(Form):
    """It is given to those who will help; each is named."""

    opener_ids: list[StaffId] = Field(title="承办人", min_length=1, max_length=10)
    services: list[
        Annotated[
            Literal["MEDIATION", "EDUCATION", "AID", "COUNSELLING", "CONTACT"],
            Labels(MEDIATION="调处化解", EDUCATION="法治宣传", AID="困难帮扶", COUNSELLING="心理疏导", CONTACT="限期联系"),
        ]
    ] = Field(title="服务", min_length=1, max_length=5)


class Serve(Form):
    """The services begin."""

    began_on: date = Field(title="开始日期")


class Receipt(Form):
    """The sender is told that it was taken up, and nothing of what was done."""


class Close(Form):
    """The services have ended."""

    outcome: Annotated[
        Literal["DONE", "DECLINED", "MOVED"], Labels(DONE="已完成", DECLINED="本人不接受", MOVED="已迁出")
    ] = Field(title="结果")


class Expire(Form):
    """Nobody took it up in time."""


class Reduce(Form):
    """Nothing of the content is left."""


seal = Step("seal", "密封", "Seal", Seal, target="SEALED", side=Side.ORIGIN, owner=Side.ORIGIN,
            addresses="organization_id", names=("opener_ids",), titled=lambda _form: NEUTRAL,
            checks=(not_past("expires_on"),))  # fmt: skip
deliver = Step("deliver", "送达", "Deliver", Deliver, source=("SEALED",), target="DELIVERED", side=Side.SYSTEM,
               mutation="envelopeDeliver")  # fmt: skip
accept = Step("accept", "接收", "Accept", Accept, source=("DELIVERED",), target="ACCEPTED", side=Side.COUNTERPART,
              owner=Side.COUNTERPART, other_than=("seal",), mutation="envelopeAccept")  # fmt: skip
give_back = Step("give_back", "退回", "Return", Return, source=("DELIVERED",), target="RETURNED",
                 side=Side.COUNTERPART, owner=Side.ORIGIN, mutation="envelopeReturn")  # fmt: skip
assign = Step("assign", "交办", "Assign", Assign, source=("ACCEPTED",), target="ASSIGNED", side=Side.COUNTERPART,
              names=("opener_ids",), mutation="envelopeAssign")  # fmt: skip
serve = Step("serve", "开始服务", "Serve", Serve, source=("ASSIGNED",), target="SERVING", side=Side.COUNTERPART,
             mutation="envelopeServe")  # fmt: skip
receipt = Step("receipt", "回执", "Receipt", Receipt, source=("SERVING",), target="RECEIPTED", side=Side.COUNTERPART,
               mutation="envelopeReceipt")  # fmt: skip
close = Step("close", "办结", "Close", Close, source=("RECEIPTED",), target="CLOSED", side=Side.COUNTERPART,
             mutation="envelopeClose")  # fmt: skip
expire = Step("expire", "失效", "Expire", Expire, source=("SEALED", "DELIVERED"), target="EXPIRED", side=Side.SYSTEM,
              owner=Side.ORIGIN, mutation="envelopeExpire")  # fmt: skip
reduce = Step("reduce", "销封", "Reduce", Reduce, source=("CLOSED",), target="REDUCED", side=Side.SYSTEM,
              mutation="envelopeReduce")  # fmt: skip

behaviour = Behaviour(
    "sealed_envelope",
    "密封移送",
    parts=(
        Part("matter", "密封移送", "Sealed envelope", (
            State("SEALED", "已密封", "Sealed"),
            State("DELIVERED", "待接收", "Delivered", waits_for=Side.COUNTERPART),
            State("ACCEPTED", "已接收", "Accepted", waits_for=Side.COUNTERPART),
            State("ASSIGNED", "已交办", "Assigned", waits_for=Side.COUNTERPART),
            State("SERVING", "服务中", "Serving", waits_for=Side.COUNTERPART),
            State("RECEIPTED", "已回执", "Receipted", waits_for=Side.COUNTERPART),
            State("CLOSED", "已办结", "Closed"),
            State("REDUCED", "已销封", "Reduced", ends=True),
            State("RETURNED", "已退回", "Returned", ends=True),
            State("EXPIRED", "已失效", "Expired", ends=True),
        )),
    ),
    steps=(seal, deliver, accept, give_back, assign, serve, receipt, close, expire, reduce),
    clocks=(
        Clock("sl:clue_until", starts=seal, stops=(accept, give_back), label="失效日期", until="expires_on",
              expires=expire),
        Clock("sl:clue_reduce", starts=close, label="销封期限", months=12, expires=reduce),
    ),
    named=True,
)  # fmt: skip
