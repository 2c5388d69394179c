// Boxes of an explorer's picture, dragged by mouse, pen or finger. An addition to the sliders, and unseen itself: it
// listens to the picture beside it. Boxes are [x1, y1, x2, y2] in units of the axes that they are drawn on.

const REACH = 9; // pixels of the screen: so near to a corner one takes hold of it
const REACH_OF_A_FINGER = 20;

const clamp = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));

function render({ model, el }) {
  let picture = null; // the widget that shows the picture: it stays while its images come and go
  let held = null; // what the pointer holds
  let waiting = requestAnimationFrame(attach);

  function attach() {
    picture = el.closest(".rcnn-explorer")?.querySelector(".rcnn-picture");
    if (!picture) waiting = requestAnimationFrame(attach); // not on the page yet
    for (const [kind, act] of Object.entries(acts)) picture?.addEventListener(kind, act, { passive: false });
  }

  // The panel with the boxes; there is none while an error stands in the picture's place.
  const panel = () => picture.querySelector("figure img");

  // Where an event is: in units of the axes, and with the reach of a corner in the same.
  function place(event) {
    const image = panel().getBoundingClientRect();
    const [left, top, right] = model.get("area");
    const [x1, y1, x2] = model.get("limits");
    const unit = (x2 - x1) / ((right - left) * image.width); // of a pixel of the screen
    const x = x1 + (event.clientX - image.left - left * image.width) * unit;
    const y = y1 + (event.clientY - image.top - top * image.width) * unit;
    return { x, y, reach: unit * (event.pointerType === "touch" ? REACH_OF_A_FINGER : REACH) };
  }

  // What there is to hold at a place: the nearest corner in reach, or the smallest box; of two, the one drawn last.
  function hold({ x, y, reach }) {
    let best = null;
    const offer = (offered) => {
      if (!best || offered.cost <= best.cost) best = offered;
    };
    for (const [index, box] of model.get("boxes").entries()) {
      const [x1, y1, x2, y2] = box;
      if (x1 <= x && x <= x2 && y1 <= y && y <= y2) offer({ index, box, cost: reach + (x2 - x1) * (y2 - y1) });
      for (const [cx, cy, ox, oy] of [[x1, y1, x2, y2], [x2, y1, x1, y2], [x1, y2, x2, y1], [x2, y2, x1, y1]]) {
        const far = Math.hypot(x - cx, y - cy);
        if (far <= reach) offer({ index, box, cost: far, grip: [cx, cy], opposite: [ox, oy] });
      }
    }
    return best;
  }

  function dragged({ x, y }) {
    const [left, top, right, bottom] = model.get("limits");
    const [dx, dy] = [x - held.from.x, y - held.from.y];
    if (held.opposite) {
      const [ox, oy] = held.opposite;
      const cx = clamp(Math.round(held.grip[0] + dx), left, right);
      const cy = clamp(Math.round(held.grip[1] + dy), top, bottom);
      return [Math.min(ox, cx), Math.min(oy, cy), Math.max(ox, cx), Math.max(oy, cy)];
    }
    const [x1, y1, x2, y2] = held.box;
    const across = clamp(Math.round(x1 + dx), left, right - (x2 - x1)) - x1;
    const down = clamp(Math.round(y1 + dy), top, bottom - (y2 - y1)) - y1;
    return [x1 + across, y1 + down, x2 + across, y2 + down];
  }

  function cursor(found, moving) {
    if (!found) return "";
    if (!found.opposite) return moving ? "grabbing" : "grab";
    const [[cx, cy], [ox, oy]] = [found.grip, found.opposite];
    return cx < ox === cy < oy ? "nwse-resize" : "nesw-resize";
  }

  function want(box) {
    model.set("wanted", [held.index, ...box.map(Math.round)]);
    model.save_changes();
  }

  function letGo() {
    held = null;
    picture.style.cursor = "";
  }

  const acts = {
    pointerdown(event) {
      if (event.button !== 0 || !event.isPrimary || event.target !== panel()) return;
      const from = place(event);
      const found = hold(from);
      if (!found) return;
      event.preventDefault(); // no text is selected, and whatever has the keys keeps them
      held = { ...found, from };
      want(held.box); // where it is: sliders may have moved it since the last drag
      picture.setPointerCapture(event.pointerId);
      picture.style.cursor = cursor(found, true);
    },
    pointermove(event) {
      if (!held) {
        picture.style.cursor = event.target === panel() ? cursor(hold(place(event))) : "";
      } else if (event.isPrimary && panel()) {
        want(dragged(place(event)));
      }
    },
    pointerup: letGo,
    pointercancel: letGo,
    // A finger on a box moves the box and not the page; an image is not dragged out of the page.
    touchstart: (event) => held && event.preventDefault(),
    dragstart: (event) => event.preventDefault(),
  };

  return () => {
    cancelAnimationFrame(waiting);
    for (const [kind, act] of Object.entries(acts)) picture?.removeEventListener(kind, act);
  };
}

export default { render };
