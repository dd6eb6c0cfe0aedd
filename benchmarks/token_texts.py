"""The texts for ``tokens.py``: written for it, in several languages and of several kinds."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Final

ENGLISH: Final = (
    "I ordered a pair of running shoes last Tuesday, and the parcel has still not arrived.",
    "The invoice shows a delivery fee that was never mentioned when I placed the order.",
    "Please change my address before the driver leaves the warehouse tomorrow morning.",
    "Our team refunds returned goods within five working days after they are inspected.",
    "The landlord may enter the premises only after giving the tenant reasonable notice in writing.",
    "Photosynthesis converts light into chemical energy that the plant stores as sugar.",
    "She closed the window, because the wind had begun to move the papers on her desk.",
    "Classify the message below as a complaint, a question or a compliment, and answer with one word.",
    "The committee approved the budget, although three members asked for a more cautious forecast.",
    "Vaccination lowers the probability of severe disease, particularly among older patients.",
    "Could you tell me whether the blue model is available in a larger size?",
    "After the update my phone restarts whenever I open the camera, so I cannot take pictures.",
    "The bridge was built in the nineteenth century and has carried trains ever since.",
    "Summarise the following conversation in two sentences and keep all names and amounts.",
)
KOREAN: Final = (
    "지난주 화요일에 운동화를 주문했는데 아직도 택배가 도착하지 않았습니다.",
    "청구서에 주문할 때 안내받지 못한 배송비가 포함되어 있어요.",
    "내일 아침에 기사님이 출발하기 전에 배송 주소를 바꿔 주세요.",
    "반품하신 상품은 검수가 끝난 뒤 영업일 기준 닷새 안에 환불해 드립니다.",
    "임대인은 미리 서면으로 알린 뒤에만 집 안에 들어갈 수 있다.",
    "광합성은 빛을 화학 에너지로 바꾸어 식물이 당으로 저장하게 한다.",
    "바람이 책상 위의 종이를 흔들기 시작하자 그녀는 창문을 닫았다.",
    "아래 문의를 불만, 질문, 칭찬 가운데 하나로 분류하고 한 단어로 답하세요.",
    "위원 세 명이 더 신중한 전망을 요구했지만 위원회는 예산안을 승인했다.",
    "예방 접종은 특히 나이가 많은 환자에게서 중증으로 이어질 가능성을 낮춘다.",
    "파란색 제품이 더 큰 치수로도 나오는지 알려 주실 수 있나요?",
    "업데이트한 뒤로 카메라를 열 때마다 휴대폰이 꺼져서 사진을 찍을 수가 없어요.",
    "그 다리는 십구 세기에 놓였고 그 뒤로 지금까지 기차가 다니고 있다.",
    "다음 대화를 두 문장으로 요약하되 이름과 금액은 모두 그대로 두세요.",
)
JAPANESE: Final = (
    "先週の火曜日に運動靴を注文しましたが、まだ荷物が届いていません。",
    "請求書に、注文のときには案内がなかった送料が含まれています。",
    "明日の朝、配達員が出発する前に住所を変更してください。",
    "返品された商品は、検品が終わってから五営業日以内に返金いたします。",
    "貸主は、事前に書面で知らせた場合に限り、部屋に立ち入ることができる。",
    "光合成は光を化学エネルギーに変え、植物はそれを糖として蓄える。",
    "風が机の上の紙を動かし始めたので、彼女は窓を閉めた。",
    "次の問い合わせを苦情、質問、お礼のどれかに分類し、一語で答えてください。",
    "三人の委員がより慎重な見通しを求めたが、委員会は予算案を承認した。",
    "予防接種は、とくに高齢の患者が重症になる可能性を下げる。",
    "青いモデルのもっと大きいサイズがあるかどうか教えていただけますか。",
    "アップデートしてからカメラを開くたびに電話が再起動し、写真を撮ることができません。",
    "その橋は十九世紀に架けられ、それ以来ずっと列車が走っている。",
    "次の会話を二つの文に要約し、名前と金額はすべて残してください。",
)
CHINESE: Final = (
    "我上星期二订了一双跑鞋,包裹到现在还没有送到。",
    "账单上有一笔运费,下单的时候并没有告诉我。",
    "请在司机明天早上出发之前修改我的地址。",
    "退回的商品检查完以后,我们会在五个工作日内退款。",
    "房东必须事先书面通知租客,才能进入房间。",
    "光合作用把光变成化学能,植物把它以糖的形式储存起来。",
    "风开始吹动桌上的纸,她就把窗户关上了。",
    "请把下面的留言分为投诉、问题或表扬,并用一个词回答。",
    "虽然有三名委员要求更谨慎的预测,委员会还是批准了预算。",
    "更新以后每次打开相机手机都会重启,所以我没法拍照。",
)
_NAMES: Final = ("order", "parcel", "invoice", "customer", "address", "refund", "total", "status", "items", "retries")
_SHAPES: Final = (
    "def find_{a}({b}: dict, *, limit={n}):\n    return [key for key, value in sorted({b}.items()) if value > limit][:{m}]\n\n",
    "class {A}{B}:\n    def __init__(self, {a}, {b}=None):\n        self.{a} = {a}\n        self._{b} = {b} or {{}}\n\n",
    "for (let i = 0; i < {a}.length; i++) {{\n  const {b} = {a}[i];\n  if ({b}.id !== {n}) {{ {b}.count += {m}; }}\n}}\n\n",
    "SELECT {a}_id, COUNT(*) AS {b} FROM {a}s WHERE created_at >= '2026-{m:02d}-01' GROUP BY {a}_id HAVING COUNT(*) > {n};\n\n",
    'if err := store.Save{A}(ctx, {b}); err != nil {{\n\treturn nil, fmt.Errorf("save {a}: %w", err)\n}}\n\n',
)
_DOCS: Final = Path(__file__).parents[1] / "docs"


def prose(rng: random.Random, sentences: tuple[str, ...], count: int) -> str:
    """Several sentences in sequence."""
    return " ".join(rng.choices(sentences, k=count))


def code(rng: random.Random, count: int) -> str:
    """Small pieces of programs in several languages."""
    made = []
    for _ in range(count):
        a, b = rng.sample(_NAMES, 2)
        n, m = rng.randrange(1, 500), rng.randrange(1, 12)
        made.append(rng.choice(_SHAPES).format(a=a, b=b, A=a.title(), B=b.title(), n=n, m=m))
    return "".join(made)


def records(rng: random.Random, count: int) -> str:
    """Objects as in function calls: JSON with numbers."""
    rows = [
        {name: rng.randrange(10**6) if rng.random() < 0.5 else rng.choice(_NAMES) for name in rng.sample(_NAMES, 4)}
        for _ in range(count)
    ]
    return json.dumps(rows)


def document(rng: random.Random, count: int) -> str:
    """A long document: pages of this project's own documentation, with their tables and examples."""
    pages = sorted(_DOCS.glob("*.md"))
    return "\n".join(page.read_text(encoding="utf-8") for page in rng.sample(pages, min(count, len(pages))))


KINDS: Final = {
    "English": lambda rng: prose(rng, ENGLISH, rng.randint(1, 12)),
    "Korean": lambda rng: prose(rng, KOREAN, rng.randint(1, 12)),
    "Japanese": lambda rng: "".join(rng.choices(JAPANESE, k=rng.randint(1, 12))),
    "Chinese": lambda rng: "".join(rng.choices(CHINESE, k=rng.randint(1, 12))),
    "code": lambda rng: code(rng, rng.randint(2, 10)),
    "JSON": lambda rng: records(rng, rng.randint(1, 8)),
    "Korean with English": lambda rng: prose(rng, KOREAN, 3) + "\n" + prose(rng, ENGLISH, 2),
    "long documents": lambda rng: document(rng, 3),
}
"""The function that generates a text of each kind."""
