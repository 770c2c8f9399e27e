package io.rejoin.listener;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A real listening socket whose accepts fail on demand. */
final class FlakyServerSocket extends ServerSocketChannel {
    private final ServerSocketChannel real;
    private final Queue<IOException> failures = new ConcurrentLinkedQueue<>();

    private FlakyServerSocket(ServerSocketChannel real) {
        super(real.provider());
        this.real = real;
    }

    static FlakyServerSocket create() {
        try {
            return new FlakyServerSocket(ServerSocketChannel.open());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes the next {@code times} accepts fail with this exception. */
    void fail(IOException failure, int times) {
        for (var i = 0; i < times; i++) failures.add(failure);
    }

    boolean hasFailed() {
        return failures.isEmpty();
    }

    @Override
    public SocketChannel accept() throws IOException {
        var failure = failures.poll();
        if (failure != null) throw failure;
        var accepted = real.accept();
        var late = failures.poll(); // set while accept() waited: the connection is lost, as in a real failure
        if (late == null) return accepted;
        accepted.close();
        throw late;
    }

    @Override
    public ServerSocketChannel bind(SocketAddress local, int backlog) throws IOException {
        real.bind(local, backlog);
        return this;
    }

    @Override
    public <T> ServerSocketChannel setOption(SocketOption<T> name, T value) throws IOException {
        real.setOption(name, value);
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> name) throws IOException {
        return real.getOption(name);
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return real.supportedOptions();
    }

    @Override
    public ServerSocket socket() {
        return real.socket();
    }

    @Override
    public SocketAddress getLocalAddress() throws IOException {
        return real.getLocalAddress();
    }

    @Override
    protected void implCloseSelectableChannel() throws IOException {
        real.close();
    }

    @Override
    protected void implConfigureBlocking(boolean block) throws IOException {
        real.configureBlocking(block);
    }
}
