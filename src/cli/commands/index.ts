import { bench } from './bench.ts'
import { cat } from './cat.ts'
import { cost } from './cost.ts'
import { create } from './create.ts'
import { devnet } from './devnet.ts'
import { doctor } from './doctor.ts'
import { forecast } from './forecast.ts'
import { gc } from './gc.ts'
import { fsck } from './fsck.ts'
import { get } from './get.ts'
import { log } from './log.ts'
import { ls } from './ls.ts'
import { mount } from './mount.ts'
import { put } from './put.ts'
import { renew } from './renew.ts'
import { revive } from './revive.ts'
import { status } from './status.ts'
import { sync } from './sync.ts'
import { umount } from './umount.ts'
import { verify } from './verify.ts'

/** Every command, in the order of the help. */
export const commands = [
  create,
  mount,
  umount,
  status,
  sync,
  log,
  ls,
  cat,
  get,
  put,
  cost,
  forecast,
  renew,
  revive,
  gc,
  verify,
  fsck,
  bench,
  devnet,
  doctor,
]
