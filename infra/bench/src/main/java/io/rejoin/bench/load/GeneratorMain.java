package io.rejoin.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** Main class of the generator's JVM: reads orders from its standard input and ends when that input ends. */
public final class GeneratorMain {
    static final ObjectMapper MAPPER = new ObjectMapper();

    /** Upper bound of the queue; the user sends one order at a time. */
    private static final int MAX_ORDERS = 16;

    private final PrintStream out;
    private @Nullable Population population;

    private GeneratorMain(PrintStream out) {
        this.out = out;
    }

    /** Takes no arguments. */
    public static void main(String[] arguments) throws InterruptedException {
        var orders = new ArrayBlockingQueue<String>(MAX_ORDERS);
        Thread.ofPlatform().daemon().name("orders").start(() -> read(orders));
        var generator = new GeneratorMain(new PrintStream(System.out, true, UTF_8));
        while (true) generator.obey(orders.take());
    }

    /** The input ends when the user's process ends. The generator then ends at once, even in the middle of a load. */
    private static void read(BlockingQueue<String> orders) {
        try (var in = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
            for (var line = in.readLine(); line != null; line = in.readLine()) orders.put(line);
        } catch (IOException e) {
            System.err.println("cannot read the orders: " + e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(0);
    }

    private void obey(String line) {
        try {
            say(answer(MAPPER.readValue(line, GeneratorCommand.class)));
        } catch (IOException | IllegalStateException | IllegalArgumentException e) {
            say(new GeneratorReply.Failed(String.valueOf(e.getMessage())));
        }
    }

    private GeneratorReply answer(GeneratorCommand order) throws IOException {
        return switch (order) {
            case GeneratorCommand.Open open -> open(open);
            case GeneratorCommand.Load load -> new GeneratorReply.Loaded(connected().load(load, progress()));
            case GeneratorCommand.Close _ -> close();
        };
    }

    private GeneratorReply open(GeneratorCommand.Open order) throws IOException {
        close();
        var began = System.nanoTime();
        population = Population.open(order, () -> Runtime.getRuntime().halt(1));
        return new GeneratorReply.Opened((System.nanoTime() - began) / 1e9);
    }

    private GeneratorReply close() {
        if (population != null) population.close();
        population = null;
        return new GeneratorReply.Closed();
    }

    private Population connected() {
        if (population == null) throw new IllegalStateException("no connections are open");
        return population;
    }

    private Progress progress() {
        return new Progress() {
            @Override
            public void windowBegins() {
                say(new GeneratorReply.WindowBegins());
            }

            @Override
            public void windowEnds() {
                say(new GeneratorReply.WindowEnds());
            }
        };
    }

    private void say(GeneratorReply answer) {
        try {
            out.println(MAPPER.writerFor(GeneratorReply.class).writeValueAsString(answer));
        } catch (JacksonException e) {
            throw new IllegalStateException("cannot write an answer as JSON", e);
        }
    }
}
