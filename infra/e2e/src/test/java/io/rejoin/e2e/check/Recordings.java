package io.rejoin.e2e.check;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The history files of one run. Each line has a unique number, so that a violation's proof can be looked up at the end.
 */
record Recordings(List<Path> files) {
    private static final int LINE_BITS = 40;

    Recordings {
        files = List.copyOf(files);
    }

    /** Receives the lines, including unreadable ones. */
    interface Taker {
        void take(long line, Observation observation);

        void unreadable(long line, String why);
    }

    /** Reads every line, file after file. The last line of a file may be truncated, because its writer was killed. */
    void read(Taker taker) throws IOException {
        for (var file = 0; file < files.size(); file++) {
            try (var reader = Files.newBufferedReader(files.get(file))) {
                var line = (long) file << LINE_BITS;
                for (var text = reader.readLine(); text != null; text = reader.readLine()) {
                    take(++line, text, reader, taker);
                }
            }
        }
    }

    /** Finds lines by their numbers. */
    Map<Long, Observation> find(Set<Long> wanted) throws IOException {
        var found = new TreeMap<Long, Observation>();
        if (wanted.isEmpty()) return found;
        read(new Taker() {
            @Override
            public void take(long line, Observation observation) {
                if (wanted.contains(line)) found.put(line, observation);
            }

            @Override
            public void unreadable(long line, String why) {
                // an unreadable line is no proof
            }
        });
        return found;
    }

    /** The file and line of a line number, as text for people. */
    String name(long line) {
        return files.get((int) (line >>> LINE_BITS)).getFileName() + ":" + (line & ((1L << LINE_BITS) - 1));
    }

    private static void take(long line, String text, BufferedReader reader, Taker taker) throws IOException {
        try {
            taker.take(line, HistoryCodec.decode(text));
        } catch (IOException e) {
            reader.mark(1);
            var isLast = reader.read() < 0;
            if (isLast) return;
            reader.reset();
            taker.unreadable(line, String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
    }
}
