import { Ends } from './ends.ts'

const interruptions = ['SIGINT', 'SIGTERM'] as const
/** Those that are not undone yet, the innermost last. */
const open: Ends[] = []

/** Does something, and undoes at its end what it left to be undone. An interruption undoes everything and ends the process. */
export async function withEnds<T>(work: (ends: Ends) => Promise<T>): Promise<T> {
  const ends = new Ends()
  if (open.length === 0) for (const signal of interruptions) process.on(signal, onInterruption)
  open.push(ends)
  try {
    return await work(ends)
  } finally {
    await ends.run()
    open.splice(open.indexOf(ends), 1)
    if (open.length === 0) for (const signal of interruptions) process.off(signal, onInterruption)
  }
}

function onInterruption(): void {
  void undoAll().finally(() => process.exit(1))
}

async function undoAll(): Promise<void> {
  for (const ends of open.toReversed()) await ends.run()
}
