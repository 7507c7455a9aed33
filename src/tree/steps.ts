/**
 * A computation that waits only where it must: it yields a promise for what is not there yet, and goes on at once where
 * everything is.
 */
export type Steps<T> = Generator<Promise<unknown>, T, unknown>

/** The value now, or when its promise has resolved. */
export function* wait<T>(value: T | Promise<T>): Steps<T> {
  return value instanceof Promise ? ((yield value) as T) : value
}

/** Runs the steps: the result in the same turn where nothing had to be waited for, else a promise. */
export function run<T>(steps: Steps<T>): T | Promise<T> {
  const step = steps.next()
  return step.done ? step.value : goOn(steps, step.value)
}

async function goOn<T>(steps: Steps<T>, first: Promise<unknown>): Promise<T> {
  for (let waited = first; ;) {
    const step = await waited.then(
      (value) => steps.next(value),
      (error: unknown) => steps.throw(error),
    )
    if (step.done) return step.value
    waited = step.value
  }
}

/** The same steps, telling whenever they have to wait. */
export function* noting<T>(steps: Steps<T>, onWait: () => void): Steps<T> {
  let step = steps.next()
  while (!step.done) {
    onWait()
    step = steps.next(yield step.value)
  }
  return step.value
}
