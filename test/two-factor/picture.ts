/** What a camera would see of a QR code that is drawn as SVG: the modules of its paths, as pixels. */
export function pixelsOf(svg: string): { width: number; height: number; data: Uint8Array } {
  const [, side = "0"] = /viewBox="0 0 (\d+) \d+"/.exec(svg) ?? [];
  const scale = 4;
  const width = Number(side) * scale;
  const data = new Uint8Array(width * width * 4).fill(255);
  const paint = (x: number, y: number) => {
    for (let dy = 0; dy < scale; dy++)
      for (let dx = 0; dx < scale; dx++) {
        const at = ((y * scale + dy) * width + x * scale + dx) * 4;
        data.fill(0, at, at + 3);
      }
  };
  for (const [x, y] of modulesOf(svg)) paint(x, y);
  return { width, height: width, data };
}

/** Each module is a square of its own: a move, one to the right, one down, and closed. */
function* modulesOf(svg: string): Generator<[number, number]> {
  let [x, y] = [0, 0];
  for (const [, move, right, down] of svg.matchAll(/([Mm])(-?\d+)[ ,]?(-?\d+)h1v1[^Zz]*[Zz]/g)) {
    x = Number(right) + (move === "m" ? x : 0);
    y = Number(down) + (move === "m" ? y : 0);
    yield [x, y];
  }
}
