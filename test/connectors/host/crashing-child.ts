/** Ends before it is ready. */
throw Object.assign(new Error('a secret: hunter2'), { code: 'EBROKEN' })
