import { FormatError } from '../../src/tree/format-error.ts'

/** The fault for which `work` refuses its bytes; undefined where it takes them. */
export function faultOf(work: () => unknown): string | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof FormatError) return error.fault
    throw error
  }
}
