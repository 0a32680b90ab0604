/** Starts, but never says that it is ready. */
setInterval(() => {}, 1_000)
