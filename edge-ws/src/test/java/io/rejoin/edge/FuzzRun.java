package io.rejoin.edge;

import io.rejoin.contracts.client.RefusalCode;
import io.rejoin.listener.http.Wire;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Sends fuzz cases to an edge and checks its answers: it never hangs, and gives only documented answers. */
public final class FuzzRun {
    /** The time after which a connection counts as hanging, even on a slow machine. */
    private static final int PATIENCE_MS = 30_000;
    private static final List<Integer> SUCCESS_STATUSES = List.of(101, 200, 204, 304);
    /** A complete request head, by a lenient rule: a line that is not empty, and an empty line after it. */
    private static final Pattern WHOLE_HEAD = Pattern.compile("[^\\r\\n][^\\n]*\\n\\r?\\n");
    private static final Map<String, Integer> CODES = Arrays.stream(RefusalCode.values())
            .collect(Collectors.toMap(RefusalCode::wireName, RefusalCode::status));
    private static final int MAX_FAULTS = 20;

    private final int port;
    private final Map<String, Integer> answers = new TreeMap<>();
    private final List<String> faults = new ArrayList<>();

    public FuzzRun(int port) {
        this.port = port;
    }

    /** The number of each answer, for the report. */
    public synchronized Map<String, Integer> answers() {
        return new TreeMap<>(answers);
    }

    /** The faults found; empty if there are none. */
    public synchronized List<String> faults() {
        return List.copyOf(faults);
    }

    public void run(FuzzCases.FuzzCase fuzzCase) {
        try (var wire = new Wire(port, PATIENCE_MS)) {
            send(wire, fuzzCase);
            if (fuzzCase.resets()) wire.reset();
            else
                checkAnswer(wire, fuzzCase);
        } catch (SocketTimeoutException hang) {
            report("no answer and no end within " + PATIENCE_MS + " ms", fuzzCase);
        } catch (IOException | RuntimeException wrong) {
            report(wrong.toString(), fuzzCase);
        }
    }

    /** Sends a case. The server may answer and close before all is sent: then the answer is still readable. */
    private static void send(Wire wire, FuzzCases.FuzzCase fuzzCase) throws IOException {
        try {
            for (var write : fuzzCase.writes()) wire.send(write);
            if (!fuzzCase.resets()) wire.finish();
        } catch (SocketException _) {
            // reset, or a broken pipe
        }
    }

    private void checkAnswer(Wire wire, FuzzCases.FuzzCase fuzzCase) throws IOException {
        var count = 0;
        var last = false;
        while (true) {
            try {
                if (wire.isAtEnd()) break;
            } catch (SocketException _) {
                break; // a reset after the last answer is fine; without any answer, the check below complains
            }
            var answer = wire.answerToUnknown();
            count++;
            if (last) report("an answer after the last", fuzzCase);
            last = answer.isLast();
            checkAnswer(answer, fuzzCase);
            if (answer.status() == 101) return; // WebSocket frames follow
        }
        if (count == 0 && WHOLE_HEAD.matcher(fuzzCase.bytes()).find())
            report("a whole request got no answer", fuzzCase);
    }

    private void checkAnswer(Wire.Answer answer, FuzzCases.FuzzCase fuzzCase) throws IOException {
        var status = answer.status();
        if (SUCCESS_STATUSES.contains(status)) {
            count(Integer.toString(status));
            return;
        }
        var code = answer.body().isEmpty() ? "(to a HEAD)" : String.valueOf(answer.code());
        count(status + " " + code);
        var documented = code.startsWith("(") ? CODES.containsValue(status) : CODES.getOrDefault(code, 0) == status;
        if (!documented || status == 500) report("answered " + status + " " + code + " " + answer.body(), fuzzCase);
    }

    private synchronized void count(String answer) {
        answers.merge(answer, 1, Integer::sum);
    }

    private synchronized void report(String what, FuzzCases.FuzzCase fuzzCase) {
        if (faults.size() < MAX_FAULTS) faults.add(what + " for " + fuzzCase);
    }
}
