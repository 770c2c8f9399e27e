package io.rejoin.embedded;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The output of a child process. It is kept in a file of about {@value #LIMIT} characters, one older file of the same
 * size, and the last lines in memory. Any thread may read; one thread writes.
 */
final class ChildLog implements AutoCloseable {
    private static final long LIMIT = 1 << 20;
    private static final int TAIL = 20;

    private final Path file;
    private final Deque<String> tail = new ArrayDeque<>(TAIL);
    private BufferedWriter out;
    private long written;

    ChildLog(Path file) throws IOException {
        this.file = file;
        this.written = Files.exists(file) ? Files.size(file) : 0;
        this.out = Files.newBufferedWriter(file, CREATE, APPEND);
    }

    Path file() {
        return file;
    }

    synchronized void line(String line) throws IOException {
        if (tail.size() == TAIL) tail.removeFirst();
        tail.addLast(line);
        if (written > LIMIT) roll();
        out.write(line);
        out.newLine();
        out.flush();
        written += line.length() + 1;
    }

    private void roll() throws IOException {
        out.close();
        Files.move(file, file.resolveSibling(file.getFileName() + ".1"), REPLACE_EXISTING);
        out = Files.newBufferedWriter(file, CREATE, APPEND);
        written = 0;
    }

    /** The last lines of this run, indented, for an error message. */
    synchronized String tail() {
        if (tail.isEmpty()) return "  (the process printed nothing)";
        return "  " + String.join(System.lineSeparator() + "  ", tail);
    }

    @Override
    public synchronized void close() throws IOException {
        out.close();
    }
}
