/** Many at once, and many some at a time. */

export const atOnce = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

export const fifty = <T>(act: (n: number) => Promise<T>): Promise<T[]> => Promise.all(atOnce(50).map(act));

/** `work` for every item, `lanes` of them at a time. */
export async function inLanes<T>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  await Promise.all(
    atOnce(lanes).map(async () => {
      for (const item of left) await work(item);
    }),
  );
}
