// What infra/bench asks of each server: a line once it listens, an end at SIGTERM, and all garbage collected at SIGUSR2, so that the
// memory of connections can be told from that.

/** Listens at PORT; `close` gets ready for the end. Needs node's option --expose-gc. */
export function serve(http, close) {
  process.on('SIGTERM', async () => {
    await close();
    process.exit(0);
  });
  process.on('SIGUSR2', () => {
    globalThis.gc();
    console.log('collected');
  });
  http.listen({ port: Number(process.env.PORT), host: '127.0.0.1', backlog: 4096 }, () => console.log('ready'));
}
