import { bench } from './bench.ts'
import { bwlimit } from './bwlimit.ts'
import { cat } from './cat.ts'
import { completion } from './completion.ts'
import { config } from './config.ts'
import { cost } from './cost.ts'
import { create } from './create.ts'
import { dashboard } from './dashboard.ts'
import { devnet } from './devnet.ts'
import { diff } from './diff.ts'
import { doctor } from './doctor.ts'
import { forecast } from './forecast.ts'
import { gc } from './gc.ts'
import { keys } from './keys.ts'
import { fsck } from './fsck.ts'
import { get } from './get.ts'
import { join } from './join.ts'
import { log } from './log.ts'
import { ls } from './ls.ts'
import { man } from './man.ts'
import { mount } from './mount.ts'
import { publish } from './publish.ts'
import { offline } from './offline.ts'
import { pin, unpin } from './pin.ts'
import { put } from './put.ts'
import { renew } from './renew.ts'
import { restore } from './restore.ts'
import { revive } from './revive.ts'
import { revoke } from './revoke.ts'
import { share } from './share.ts'
import { snapshot } from './snapshot.ts'
import { status } from './status.ts'
import { sync } from './sync.ts'
import { transfer } from './transfer.ts'
import { umount } from './umount.ts'
import { verify } from './verify.ts'
import { warmup } from './warmup.ts'

/** Every command, in the order of the help. */
export const commands = [
  create,
  join,
  mount,
  umount,
  status,
  dashboard,
  sync,
  warmup,
  pin,
  unpin,
  offline,
  bwlimit,
  keys,
  log,
  diff,
  restore,
  snapshot,
  ls,
  cat,
  get,
  put,
  publish,
  cost,
  forecast,
  renew,
  revive,
  gc,
  share,
  revoke,
  transfer,
  verify,
  fsck,
  bench,
  devnet,
  config,
  completion,
  man,
  doctor,
]
