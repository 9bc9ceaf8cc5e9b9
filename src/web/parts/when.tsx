import { ago, exactly } from "./ago.ts";

/** How long ago something was, and exactly when for whoever points at it. */
export function When({ at }: { at: string }) {
  const then = new Date(at);
  return (
    <time dateTime={at} title={exactly(then)}>
      {ago(then, new Date())}
    </time>
  );
}
