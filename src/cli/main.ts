#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { directoriesOf } from '../daemon/directories.ts'

// Compiled code is kept beside the cache: half of a command's time is loading.
enableCompileCache(join(directoriesOf(process.env).cache, 'code'))
// Somebody waits for a word while typing: nothing else is loaded for it.
if (process.argv[2] === '__values') await import('./completion/values.ts')
else await import('./program.ts')
