"""Make the font for Chinese in pictures: Noto Sans CJK TC, cut down to what fits into 200 kB.

    apt-get install fonts-noto-cjk rime-essay
    python benchmarks/assets/chinese_font.py

Which characters: printable ASCII and Latin-1, punctuation of Chinese and Zhuyin; those of COCO's 80 classes and of our
scenes' in Traditional Chinese, since names of classes are what is written into pictures; then the most frequent ones of
Rime's word list (313,000 words with their frequencies), as many as fit. Outlines are rounded to a 256th of the letter's
height, finer than a pixel at the sizes of our pictures, which makes them a sixth smaller.
"""

import argparse
import collections
import io
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont
from fontTools.ttLib.scaleUpem import scale_upem

FAMILY = "Noto Sans CJK TC"
MOST = 200_000  # bytes
UNITS = 256  # to the height of a letter
OUT = Path(__file__).parents[2] / "course" / "drawing" / "fonts" / "NotoSansCJKtc-subset.otf"
ALWAYS = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x100),
    *(0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2026),
    *range(0x3000, 0x3012),  # 、。《》「」『』【】
    *range(0x3105, 0x312A),  # Zhuyin
    *(0xFF01, 0xFF08, 0xFF09, 0xFF0C, 0xFF0E, 0xFF0F, 0xFF1A, 0xFF1B, 0xFF1F, 0xFF5E),  # full-width ! ( ) , . / : ; ? ~
]
NAMES = """
人 自行車 汽車 機車 飛機 公車 火車 卡車 船 紅綠燈 消防栓 停車標誌 停車收費表 長椅 鳥 貓
狗 馬 羊 牛 大象 熊 斑馬 長頸鹿 背包 雨傘 手提包 領帶 行李箱 飛盤 滑雪板 單板 運動球
風箏 球棒 棒球手套 滑板 衝浪板 網球拍 瓶子 酒杯 杯子 叉子 刀 湯匙 碗 香蕉 蘋果 三明治
柳橙 花椰菜 胡蘿蔔 熱狗 披薩 甜甜圈 蛋糕 椅子 沙發 盆栽 床 餐桌 馬桶 電視 筆記型電腦 滑鼠
遙控器 鍵盤 手機 微波爐 烤箱 烤麵包機 水槽 冰箱 書 時鐘 花瓶 剪刀 泰迪熊 吹風機 牙刷 工人
安全帽 三角錐 球 背景
"""
# The word list writes these as in Hong Kong and in old books; students in Taiwan write the others.
TAIWAN = str.maketrans("爲着裏啓衆羣麪牀綫峯喫", "為著裡啟眾群麵床線峰吃")


def most_frequent(words: Path) -> list[str]:
    """Chinese characters, the most frequent first."""
    count: collections.Counter[str] = collections.Counter()
    for line in words.read_text(encoding="utf-8").splitlines():
        word, _, times = line.partition("\t")
        for letter in word.translate(TAIWAN):
            if "\u4e00" <= letter <= "\u9fff":
                count[letter] += int(times or 0)
    return [letter for letter, _ in count.most_common()]


def cut_down(collection: Path, number: int, letters: list[str]) -> bytes:
    """The font with these letters only."""
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.desubroutinize = True
    options.notdef_outline = True  # the empty box in the place of what is not in it
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.name_languages = [0x409]
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
    font = TTFont(collection, fontNumber=number, lazy=True)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[*ALWAYS, *map(ord, letters)])
    cutter.subset(font)
    scale_upem(font, UNITS)
    for record in font["name"].names:  # the whole font may be installed as well
        if record.nameID in (1, 4, 6):
            record.string = f"{FAMILY} subset" if record.nameID != 6 else "NotoSansCJKtc-subset"
    font["head"].modified = font["head"].created  # the same bytes every time
    font.recalcTimestamp = False
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()


def main() -> None:
    """Write the largest font that fits, and say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--font", type=Path, default="/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
    parser.add_argument("--words", type=Path, default="/usr/share/rime-data/essay.txt")
    given = parser.parse_args()
    names = [font["name"].getDebugName(4) for font in TTCollection(given.font, lazy=True).fonts]
    letters = list(dict.fromkeys("".join(NAMES.split()))) + most_frequent(given.words)
    letters = list(dict.fromkeys(letters))
    fits, too_many, made = 0, 2000, b""
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        content = cut_down(given.font, names.index(FAMILY), letters[:middle])
        if len(content) <= MOST:
            fits, made = middle, content
        else:
            too_many = middle
    OUT.write_bytes(made)
    print(f"{OUT.name}: {fits} Chinese characters, {len(made):,} bytes")


if __name__ == "__main__":
    main()
