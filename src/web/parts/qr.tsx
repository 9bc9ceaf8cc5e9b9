import { useEffect, useState } from "preact/hooks";

/** Light modules around the code, so that it is found. */
const border = 4;

/** A text as a QR code, drawn here: it goes to nobody. Dark on white in either theme, because not every camera reads it otherwise. */
export function Qr({ text, label }: { text: string; label: string }) {
  const [rows, setRows] = useState<readonly (readonly boolean[])[]>([]);
  useEffect(() => {
    void import("qr").then(({ encodeQR }) => setRows(encodeQR(text, "raw", { border })));
  }, [text]);
  const size = rows.length;
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shape-rendering="crispEdges"
    >
      <rect class="qr-paper" width={size} height={size} />
      <path class="qr-ink" d={rows.flatMap(runs).join("")} />
    </svg>
  );
}

/** The dark stretches of a row, each as a path. */
function runs(row: readonly boolean[], y: number): string[] {
  const found: string[] = [];
  for (let x = 0; x < row.length; x++) {
    const start = x;
    while (row[x]) x++;
    if (x > start) found.push(`M${start} ${y}h${x - start}v1h${start - x}z`);
  }
  return found;
}
