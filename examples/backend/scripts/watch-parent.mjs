// Preloaded into the demo's children: ends them in an orderly way when the demo is gone, however it went.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
