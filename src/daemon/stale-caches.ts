import type { Mounted } from '../fuse/driver.ts'
import type { Invalidations } from '../vfs/invalidations.ts'

/** Tells the kernel what its caches have wrong, once there is a mount. */
export class StaleCaches {
  mounted: Mounted | undefined

  readonly tell = ({ nodes, names }: Invalidations): void => {
    for (const node of nodes) this.mounted?.invalidateNode(node, 0, 0)
    for (const { parent, name } of names) this.mounted?.invalidateEntry(parent, name)
  }
}
