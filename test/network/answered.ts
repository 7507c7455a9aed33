import { limitMs } from './act.ts'

/** While nothing is wrong with the network: a machine in a hurry may be refused where this one is busy, and asks again. */
export async function answered<T>(ask: () => Promise<T>): Promise<T> {
  for (const endMs = Date.now() + limitMs; ;) {
    try {
      return await ask()
    } catch (error) {
      const { code } = error as { code?: unknown }
      if (code !== 'unreachable' || Date.now() > endMs) throw error
    }
  }
}
