import type { Drive } from './open-drive.ts'

/** The commit that the drive is shown as of here, beside what is only here; 0: none was made yet. */
export function sequenceOf({ writable, following, state }: Drive): bigint {
  return writable?.writeBack.status.sequence ?? following.sequence ?? state.sequence
}
