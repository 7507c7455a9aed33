/** One thing to go wrong. */
export interface Fault {
  /** The method that it befalls. */
  readonly step: string
  /** `before`: nothing is done. `after`: everything is done and the answer gets lost. @default 'before' */
  readonly when?: 'before' | 'after'
  /** How often. @default 1 */
  readonly times?: number
  readonly error: () => Error
}

/** What is to go wrong, in the hands of a test. */
export class FaultScript {
  #faults: { readonly fault: Fault; left: number }[] = []

  add(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? 1 })
  }

  clear(): void {
    this.#faults = []
  }

  /** Throws when a fault is due here. */
  check(step: string, when: 'before' | 'after'): void {
    const due = this.#faults.find(
      ({ fault, left }) => left > 0 && fault.step === step && (fault.when ?? 'before') === when,
    )
    if (!due) return
    due.left--
    throw due.fault.error()
  }
}

/** The same object, with the faults of a script in its methods. Tests wrap stores and manifests in it. */
export function withFaults<T extends object>(target: T, script: FaultScript): T {
  return new Proxy(target, {
    get: (object, key): unknown => {
      const member: unknown = Reflect.get(object, key, object)
      if (typeof member !== 'function') return member
      const step = String(key)
      return (...parameters: unknown[]): unknown => {
        script.check(step, 'before')
        const result: unknown = Reflect.apply(member, object, parameters)
        if (!(result instanceof Promise)) return result
        return result.then((value: unknown) => {
          script.check(step, 'after')
          return value
        })
      }
    },
  })
}
