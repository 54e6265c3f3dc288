// SPDX-License-Identifier: Apache-2.0

// Returns what a reader cannot see or read well on this page, by kind; run by test_site.py in the browser.
(leastContrast) => {
  const label = (element, text) =>
    `<${element.tagName.toLowerCase()} class="${element.getAttribute("class") || ""}"> ${text.trim().slice(0, 60)}`;

  // The nearest ancestor that readers can scroll sideways, or that cuts what is too wide on purpose.
  const scrolls = (element) => {
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(at).overflowX)) return true;
    }
    return false;
  };

  const isShown = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    element.getClientRects().length > 0;

  const colour = (text) => {
    const parts = text.match(/[\d.]+/g).map(Number);
    return { rgb: parts.slice(0, 3), alpha: parts.length > 3 ? parts[3] : 1 };
  };
  const over = (front, back) => front.rgb.map((value, i) => value * front.alpha + back[i] * (1 - front.alpha));
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  // Each element once: thousands of words have the same ancestors.
  const backgrounds = new Map([[null, [255, 255, 255]]]);
  const background = (element) => {
    if (!backgrounds.has(element)) {
      const layer = colour(getComputedStyle(element).backgroundColor);
      backgrounds.set(element, over(layer, background(element.parentElement)));
    }
    return backgrounds.get(element);
  };

  const wide = [];
  const faint = [];
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) wide.push(`the page, ${document.documentElement.scrollWidth} px`);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const known = new Set();
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (!node.data.trim() || !element || !isShown(element) || element.closest("svg, script, style, noscript")) continue;
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    // The sidebars of a phone wait outside the window.
    if (element.closest("article, main, header") && box.right > width + 1 && !scrolls(element)) {
      wide.push(label(element, node.data));
    }
    const style = getComputedStyle(element);
    const back = background(element);
    const key = `${style.color} ${back}`;
    if (known.has(key)) continue;
    known.add(key);
    const ratio = contrast(over(colour(style.color), back), back);
    if (ratio < leastContrast) faint.push(`${ratio.toFixed(2)}, ${key}: ${label(element, node.data)}`);
  }

  const missing = [...document.images]
    .filter((image) => image.loading !== "lazy" && !(image.complete && image.naturalWidth > 0))
    .map((image) => image.currentSrc || image.src);
  const unnamed = [...document.images].filter((image) => !image.hasAttribute("alt")).map((image) => image.src);
  return { "too wide": wide, "too faint": faint, "missing image": missing, "image without a text": unnamed };
}
