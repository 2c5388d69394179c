// The picture that one draws on. Boxes are [x1, y1, x2, y2] in pixels of the photo, whatever its size on the screen.

const SVG = "http://www.w3.org/2000/svg";
const CLICK = 3; // pixels of the screen: a shorter drag is a click
const REACH = 7; // pixels of the screen: so near to an edge or a corner one takes hold of it
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const KEYS = [
  ["N", "a new box in the middle"],
  ["arrow keys", "move the chosen box by a pixel; with Alt by ten"],
  ["Shift + arrow keys", "stretch it; with Alt by ten"],
  ["Space", "choose the next box; with Shift the one before"],
  ["1, 2, …", "the class of the chosen box, and of those to come"],
  ["Delete", "take the chosen box away"],
  ["Ctrl + Z", "undo"],
  ["Esc", "choose none"],
];

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function shape(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function render({ model, el }) {
  const width = model.get("width");
  const height = model.get("height");
  const classes = model.get("classes");
  const looks = model.get("looks");
  const look = (label) => looks[(label - 1) % looks.length];

  let boxes = model.get("boxes").map((box) => [...box]);
  let labels = [...model.get("labels")];
  let chosen = -1; // the place of a box, or -1
  let current = 1; // the class of boxes to come
  let history = []; // what was there before each step
  let lastStep = "";
  let drag = null;

  // ---- the page ----

  const photo = URL.createObjectURL(new Blob([model.get("photo")], { type: "image/png" }));
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  svg.append(shape("image", { href: photo, width, height }));
  const drawing = shape("g", {});
  svg.append(drawing);
  const stage = element("div", { class: "rcnn-stage", tabindex: 0, role: "application" }, svg);
  stage.setAttribute("aria-label", `Photo, ${width} by ${height} pixels, to draw boxes on. N makes a box.`);
  // A small photo is enlarged, so that one can aim; a large one fits the cell.
  stage.style.maxWidth = `${clamp((480 * width) / height, Math.min(width, 640), Math.max(width, 640))}px`;

  const chips = classes.map((name, place) => {
    const sample = shape("svg", { class: "rcnn-sample", viewBox: "0 0 28 10", "aria-hidden": "true" });
    sample.append(stroke("line", { x1: 1, y1: 5, x2: 27, y2: 5 }, place + 1));
    const chip = element("button", { type: "button" }, sample, `${place + 1} ${name}`);
    chip.addEventListener("click", () => setClass(place + 1));
    return chip;
  });
  const group = element("span", { role: "group", "aria-label": "Class" }, "Class: ", ...chips);
  const adding = action("New box (N)", add);
  const removing = action("Delete box (Del)", remove);
  const undoing = action("Undo (Ctrl+Z)", undo);
  const tools = element("div", { class: "rcnn-tools" }, group, adding, removing, undoing);

  const said = element("p", { class: "rcnn-said", role: "status", "aria-live": "polite" });
  const list = element("ul", { class: "rcnn-list", role: "list", "aria-label": "Boxes" });
  const keys = element("dl");
  for (const [key, meaning] of KEYS) keys.append(element("dt", {}, key), element("dd", {}, meaning));
  const help = element(
    "details",
    {},
    element("summary", {}, "Mouse and keys"),
    "Drag on the photo: a box. Click in a box: choose it. Drag an edge of the chosen box to move it, a corner to " +
      "stretch it. With the photo in focus:",
    keys,
  );
  // JupyterLab must not take our keys for its own: N, Z, digits and arrows mean something to it as well.
  const root = element("div", { class: "rcnn-annotate", "data-lm-suppress-shortcuts": "true" });
  root.append(tools, stage, said, list, help);
  el.append(root);

  function action(name, run) {
    const button = element("button", { type: "button" }, name);
    button.addEventListener("click", () => {
      run();
      if (button.disabled) stage.focus({ preventScroll: true }); // keys would go nowhere
    });
    return button;
  }

  function stroke(tag, attributes, label) {
    const { colour, dashes } = look(label);
    return shape(tag, { ...attributes, stroke: colour, "stroke-dasharray": dashes, class: "rcnn-line" });
  }

  // ---- steps: each can be undone ----

  function step(name = "") {
    // Keys that are held down make one step.
    if (!name || name !== lastStep) history.push({ boxes: boxes.map((box) => [...box]), labels: [...labels], chosen });
    lastStep = name;
  }

  function done(words) {
    model.set("boxes", boxes.map((box) => [...box]));
    model.set("labels", [...labels]);
    model.save_changes();
    show(words);
  }

  function add() {
    step();
    const [w, h] = [Math.max(1, Math.round(width / 4)), Math.max(1, Math.round(height / 4))];
    const [x, y] = [Math.floor((width - w) / 2), Math.floor((height - h) / 2)];
    put([x, y, x + w, y + h]);
    stage.focus({ preventScroll: true });
  }

  function put(box) {
    boxes.push(box);
    labels.push(current);
    chosen = boxes.length - 1;
    done(`New. ${described(chosen)}`);
  }

  function remove() {
    if (chosen < 0) return show("No box is chosen.");
    step();
    const words = described(chosen);
    boxes.splice(chosen, 1);
    labels.splice(chosen, 1);
    chosen = Math.min(chosen, boxes.length - 1);
    done(`Deleted. ${words}`);
  }

  function undo() {
    lastStep = "";
    if (!history.length) return show("There is nothing to undo.");
    ({ boxes, labels, chosen } = history.pop());
    done(`Undone. Boxes now: ${boxes.length}.`);
  }

  function setClass(label) {
    current = label;
    if (chosen < 0 || labels[chosen] === label) return show(`New boxes are of class ${classes[label - 1]}.`);
    step();
    labels[chosen] = label;
    done(described(chosen));
  }

  function nudge([dx, dy], far, stretch) {
    if (chosen < 0) return show("No box is chosen: Space chooses one, N makes one.");
    step(`${stretch ? "stretch" : "move"} ${chosen}`);
    const by = far ? 10 : 1;
    boxes[chosen] = stretch ? stretched(boxes[chosen], dx * by, dy * by) : moved(boxes[chosen], dx * by, dy * by);
    done(described(chosen));
  }

  function moved([x1, y1, x2, y2], dx, dy) {
    const [right, down] = [clamp(dx, -x1, width - x2), clamp(dy, -y1, height - y2)];
    return [x1 + right, y1 + down, x2 + right, y2 + down];
  }

  function stretched([x1, y1, x2, y2], dx, dy) {
    return [x1, y1, clamp(x2 + dx, x1 + 1, width), clamp(y2 + dy, y1 + 1, height)]; // a pixel wide at least
  }

  function choose(place) {
    chosen = place;
    if (place >= 0) current = labels[place];
    lastStep = "";
    show(place < 0 ? "No box is chosen." : `Chosen. ${described(place)}`);
  }

  function described(place) {
    const [x1, y1, x2, y2] = boxes[place].map((side) => Math.round(side * 10) / 10);
    return `Box ${place + 1}: ${classes[labels[place] - 1]} from (${x1}, ${y1}) to (${x2}, ${y2}).`;
  }

  // ---- mouse, pen and finger ----

  function place(event) {
    const area = svg.getBoundingClientRect();
    const share = width / area.width;
    const x = clamp(Math.round((event.clientX - area.left) * share), 0, width);
    const y = clamp(Math.round((event.clientY - area.top) * share), 0, height);
    return { x, y, reach: REACH * share };
  }

  // What the pointer takes hold of: a corner or an edge of the chosen box, or nothing.
  function hold({ x, y, reach }) {
    if (chosen < 0) return {};
    const [x1, y1, x2, y2] = boxes[chosen];
    if (x < x1 - reach || x > x2 + reach || y < y1 - reach || y > y2 + reach) return {};
    const [left, right] = [Math.abs(x - x1) <= reach, Math.abs(x - x2) <= reach];
    const [top, bottom] = [Math.abs(y - y1) <= reach, Math.abs(y - y2) <= reach];
    if ((left || right) && (top || bottom)) return { corner: [right ? x1 : x2, bottom ? y1 : y2] };
    return { edge: left || right || top || bottom };
  }

  function dragged({ x, y }) {
    const { from, corner, edge, before } = drag;
    if (edge) return moved(before, x - from.x, y - from.y);
    const [ax, ay] = corner ?? [from.x, from.y];
    return [Math.min(ax, x), Math.min(ay, y), Math.max(ax, x), Math.max(ay, y)];
  }

  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault(); // no text is selected, no picture dragged away
    stage.focus({ preventScroll: true });
    stage.setPointerCapture(event.pointerId);
    const from = place(event);
    drag = { from, at: [event.clientX, event.clientY], far: false, before: boxes[chosen], ...hold(from) };
  });

  stage.addEventListener("pointermove", (event) => {
    const here = place(event);
    if (!drag) {
      stage.style.cursor = hold(here).edge ? "move" : "crosshair";
      return;
    }
    drag.far ||= Math.hypot(event.clientX - drag.at[0], event.clientY - drag.at[1]) > CLICK;
    if (drag.far) draw(dragged(here));
  });

  stage.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const box = dragged(place(event));
    const { far, corner, edge, from } = drag;
    drag = null;
    if (!far) return choose(smallestAt(from));
    if (box[2] <= box[0] || box[3] <= box[1]) return show("Too thin for a box.");
    step();
    if (!corner && !edge) return put(box);
    boxes[chosen] = box;
    done(described(chosen));
  });

  stage.addEventListener("pointercancel", () => {
    drag = null;
    show("");
  });

  function smallestAt({ x, y }) {
    const area = ([x1, y1, x2, y2]) => (x2 - x1) * (y2 - y1);
    const holds = ([x1, y1, x2, y2]) => x1 <= x && x <= x2 && y1 <= y && y <= y2;
    const hit = [...boxes.keys()].filter((p) => holds(boxes[p]));
    return hit.sort((p, q) => area(boxes[p]) - area(boxes[q]))[0] ?? -1;
  }

  // ---- keys ----

  root.addEventListener("keydown", (event) => {
    if (drag) return; // a box under the pointer is not there yet
    if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) undo();
    else if (event.ctrlKey || event.metaKey || event.target !== stage) return;
    else if (event.key in ARROWS) nudge(ARROWS[event.key], event.altKey, event.shiftKey);
    else if (event.key.toLowerCase() === "n") add();
    else if (event.key === "Delete" || event.key === "Backspace") remove();
    else if (event.key === " ") next(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") choose(-1);
    else if (/^[1-9]$/.test(event.key) && event.key <= classes.length) setClass(Number(event.key));
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  function next(by) {
    if (!boxes.length) return show("There is no box yet: N makes one.");
    const from = chosen < 0 && by < 0 ? 0 : chosen; // with none chosen, the first or the last comes next
    choose((from + by + boxes.length) % boxes.length);
  }

  // ---- what is seen ----

  // `moving` is the box under the pointer: a new one, or the chosen one on its way.
  function draw(moving = null) {
    const unit = width / (svg.getBoundingClientRect().width || width); // one pixel of the screen
    const name = (label) => classes[label - 1];
    const seen = labels.map((label, p) => ({ box: boxes[p], label, name: `${p + 1} ${name(label)}`, on: p === chosen }));
    if (moving && (drag.corner || drag.edge)) seen[chosen].box = moving;
    else if (moving) seen.push({ box: moving, label: current, name: name(current), on: true });
    drawing.replaceChildren();
    for (const { box, label, name, on } of [...seen.filter((each) => !each.on), ...seen.filter((each) => each.on)]) {
      const [x1, y1, x2, y2] = box;
      const frame = { x: x1, y: y1, width: x2 - x1, height: y2 - y1 };
      drawing.append(shape("rect", { ...frame, class: on ? "rcnn-halo rcnn-on" : "rcnn-halo" }));
      drawing.append(stroke("rect", frame, label));
      const inside = y1 < 22 * unit; // no room above
      const text = shape("text", { x: x1 + 5 * unit, y: y1 + (inside ? 18 : -8) * unit, "font-size": 13 * unit });
      text.textContent = name;
      drawing.append(text);
      const area = text.getBBox();
      const plate = { x: area.x - 3 * unit, y: area.y - unit, width: area.width + 6 * unit, height: area.height + 2 * unit };
      drawing.insertBefore(shape("rect", { ...plate, class: "rcnn-plate" }), text);
      if (!on) continue;
      for (const [x, y] of [[x1, y1], [x2, y1], [x1, y2], [x2, y2]]) {
        const side = 9 * unit;
        drawing.append(
          shape("rect", { x: x - side / 2, y: y - side / 2, width: side, height: side, class: "rcnn-corner" }),
        );
      }
    }
  }

  function show(words) {
    draw();
    said.textContent = words;
    const label = chosen < 0 ? current : labels[chosen];
    chips.forEach((chip, p) => chip.setAttribute("aria-pressed", p + 1 === label));
    removing.disabled = chosen < 0;
    undoing.disabled = !history.length;
    list.replaceChildren(
      ...boxes.map((_, p) => {
        const entry = element("button", { type: "button", "aria-pressed": p === chosen }, described(p));
        entry.addEventListener("click", () => {
          choose(p);
          stage.focus({ preventScroll: true });
        });
        return element("li", {}, entry);
      }),
    );
  }

  // ---- the other side ----

  function told() {
    // Our own changes come back, too; only those that Python made are news.
    const [theirs, kinds] = [model.get("boxes"), model.get("labels")];
    if (theirs.length !== kinds.length || JSON.stringify([theirs, kinds]) === JSON.stringify([boxes, labels])) return;
    step();
    drag = null;
    [boxes, labels, chosen] = [theirs.map((box) => [...box]), [...kinds], -1];
    show("The boxes were changed by the program.");
  }
  model.on("change:boxes", told);
  model.on("change:labels", told);

  const watcher = new ResizeObserver(() => draw());
  watcher.observe(stage);
  show(boxes.length ? `Boxes: ${boxes.length}.` : "No box yet: drag on the photo, or press N.");

  return () => {
    watcher.disconnect();
    model.off("change:boxes", told);
    model.off("change:labels", told);
    URL.revokeObjectURL(photo);
  };
}

export default { render };
