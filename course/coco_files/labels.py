"""Labels for a detector, from whatever numbers a file gives its categories."""

from collections.abc import Mapping

from course.coco_files.record import Record

UNUSED = 100  # so many numbers may have no category: COCO has 10 of them, LVIS none


def numbered(categories: Mapping[int, Record]) -> tuple[dict[int, int], tuple[str, ...]]:
    """The label of each category, from 1 up, and what each label is called; 0 is the background.

    COCO's numbers stay as they are. Files that count from 0, or whose numbers are huge, get new numbers: 1, 2, … in
    the order of their numbers. Only the list of categories counts, so that files of training and validation agree.

    A category 0 that only heads the others (Roboflow writes one: its name is their ``supercategory``) gets no label.
    """
    names = {number: record.text("name") for number, record in categories.items()}
    if 0 in names and _heads(categories[0], [record for number, record in categories.items() if number]):
        del names[0]
    order = sorted(names)
    if order and (order[0] < 1 or order[-1] > len(order) + UNUSED):
        labels = {number: label for label, number in enumerate(order, 1)}
    else:
        labels = {number: number for number in order}
    called = {label: names[number] for number, label in labels.items()}
    return labels, ("background", *(called.get(label, "N/A") for label in range(1, max(called, default=0) + 1)))


def _heads(root: Record, others: list[Record]) -> bool:
    """Whether a category is nothing but the name above all others."""
    below = all(other.row.get("supercategory") == root.row["name"] for other in others)
    return bool(others) and below and root.row.get("supercategory") in (None, "", "none")
