import type { Driver } from './driver.ts'
import { KernelDriver } from './kernel/kernel-driver.ts'

/** What `--driver` may say. */
export type DriverName = 'auto' | 'kernel' | 'fuse-native'

/** The driver of that name; `auto` takes the kernel driver where there is a Linux kernel. */
export function chooseDriver(_name: DriverName): Driver {
  return new KernelDriver()
}
