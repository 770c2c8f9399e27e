package io.rejoin.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** The Kafka ACLs that {@code infra/RUNBOOK.md} tells operators to create: its commands and its table. */
final class AclDocument {
    private static final Pattern COMMAND = Pattern.compile("(?m)^acl (\\w+) (--.*)$");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (topic|group|transactional-id) `([^`]+)` \\|(.*)\\|$");

    private final String text;

    private AclDocument(String text) {
        this.text = text;
    }

    /** Reads the section of the document about Kafka's ACLs. */
    static AclDocument read() throws IOException {
        var text = Files.readString(Path.of("..", "RUNBOOK.md"));
        var begin = text.indexOf("## Guarded Kafka");
        var end = text.indexOf("\n## ", begin + 1);
        return new AclDocument(text.substring(begin, end < 0 ? text.length() : end));
    }

    /** The ACLs that the commands create, for that prefix. */
    List<AclBinding> acls(String prefix) {
        var acls = new ArrayList<AclBinding>();
        COMMAND.matcher(text).results()
                .forEach(command -> acls.addAll(acls(prefix, command.group(1), command.group(2).split(" "))));
        return acls;
    }

    private static List<AclBinding> acls(String prefix, String service, String[] words) {
        var options = new HashMap<String, List<String>>();
        for (var i = 0; i < words.length; i += 2)
            options.computeIfAbsent(words[i], _ -> new ArrayList<>()).add(words[i + 1].replace("${PREFIX}", prefix));
        var pattern = options.containsKey("--resource-pattern-type") ? PatternType.PREFIXED : PatternType.LITERAL;
        var operations = options.getOrDefault("--operation", List.of());
        return Stream.of(ResourceType.TOPIC, ResourceType.GROUP, ResourceType.TRANSACTIONAL_ID)
                .flatMap(type -> options.getOrDefault(option(type), List.of()).stream()
                        .map(name -> new ResourcePattern(type, name, pattern)))
                .flatMap(resource -> operations.stream().map(operation -> new AclBinding(resource,
                        new AccessControlEntry("User:" + user(prefix, service), "*", operation(operation),
                                AclPermissionType.ALLOW))))
                .toList();
    }

    static String user(String prefix, String service) {
        return prefix + "rejoin-" + service;
    }

    private static String option(ResourceType type) {
        return "--" + kind(type);
    }

    private static String kind(ResourceType type) {
        return type.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static AclOperation operation(String name) {
        return AclOperation.fromString(name.replaceAll("(?<=[a-z])(?=[A-Z])", "_"));
    }

    /** The table: for each service the lines {@code kind name: operations}, sorted. */
    Map<String, List<String>> table() {
        var services = List.of("edge", "router", "history", "tools");
        var table = new TreeMap<String, List<String>>();
        ROW.matcher(text).results().forEach(row -> {
            var cells = row.group(3).split("\\|", -1);
            for (var i = 0; i < services.size(); i++) {
                if (cells[i].isBlank()) continue;
                table.computeIfAbsent(services.get(i), _ -> new ArrayList<>())
                        .add(line(row.group(1), row.group(2), Arrays.asList(cells[i].strip().split(", "))));
            }
        });
        table.values().forEach(lines -> lines.sort(null));
        return table;
    }

    /** The commands without a prefix, in the same form as {@link #table}. */
    Map<String, List<String>> commands() {
        var operations = new TreeMap<String, Map<String, List<String>>>();
        for (var acl : acls("")) {
            var service = acl.entry().principal().substring("User:rejoin-".length());
            var resource = acl.pattern();
            var thing = kind(resource.resourceType()) + " " + resource.name()
                    + (resource.patternType() == PatternType.PREFIXED ? "*" : "");
            operations.computeIfAbsent(service, _ -> new TreeMap<>()).computeIfAbsent(thing, _ -> new ArrayList<>())
                    .add(acl.entry().operation().name().replace("_", ""));
        }
        var lines = new TreeMap<String, List<String>>();
        operations.forEach((service, things) -> lines.put(service,
                things.entrySet().stream().map(thing -> line("", thing.getKey(), thing.getValue())).sorted().toList()));
        return lines;
    }

    /** A line {@code kind name: operations}, with the operations sorted and in lower case. */
    static String line(String kind, String name, List<String> operations) {
        var sorted = new TreeSet<>(operations.stream().map(each -> each.toLowerCase(Locale.ROOT)).toList());
        return (kind + " " + name).strip() + ": " + String.join(", ", sorted);
    }
}
