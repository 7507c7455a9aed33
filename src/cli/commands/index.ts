import { status } from './status.ts'
import { sync } from './sync.ts'
import { umount } from './umount.ts'

/** Every command, in the order of the help. */
export const commands = [umount, status, sync]
