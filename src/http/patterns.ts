/** Which route a path belongs to: `/auth/sessions/ses_…` to `/auth/sessions/{id}`. Few, so that they can be counted by. */
export type PatternOf = (path: string) => string;

/** What is no route. */
const none = "none";

/** `routes` is asked with the first path: a start need not wait for what only counting wants. */
export function makePatternOf(routes: () => readonly { readonly path: string }[]): PatternOf {
  let find: PatternOf | undefined;
  return (path) => {
    find ??= tableOf(routes());
    return find(path);
  };
}

function tableOf(routes: readonly { readonly path: string }[]): PatternOf {
  const fixed = new Set<string>();
  const moving: { readonly form: RegExp; readonly pattern: string }[] = [];
  for (const { path: routed } of routes) {
    const path = routed.length > 1 && routed.endsWith("/") ? routed.slice(0, -1) : routed;
    if (!/[:*]/.test(path)) fixed.add(path);
    else
      moving.push({
        form: new RegExp(`^${path.replace(/[.+]/g, "\\$&").replace(/:\w+/g, "[^/]+").replace(/\*/g, ".*")}$`),
        pattern: path.replace(/:(\w+)/g, "{$1}"),
      });
  }
  return (path) => (fixed.has(path) ? path : (moving.find(({ form }) => form.test(path))?.pattern ?? none));
}

const methods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Of the methods there are; anybody may send others. */
export const methodLabel = (method: string): string => (methods.has(method) ? method : "other");
