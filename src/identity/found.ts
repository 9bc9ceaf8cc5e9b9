/** What is there at once where it is remembered, and after a read where it is not. */
export type Found<What> = Promise<What> | What;

/** Goes on with it at once where it can: a turn that is awaited costs every request of the house. */
export const andThen = <From, To>(found: Found<From>, next: (from: From) => Found<To>): Found<To> =>
  found instanceof Promise ? found.then(next) : next(found);
