package io.rejoin.kafka;

import static org.apache.kafka.common.acl.AclOperation.ALTER_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * The minimum rights of a service in Kafka; {@code infra/RUNBOOK.md} lists them for operators. It reports missing
 * rights, with the command that grants them. Operations have the names that {@code kafka-acls.sh} uses.
 */
public final class Rights {
    /** For an operation, the other operations that include it. */
    private static final Map<AclOperation, Set<AclOperation>> IMPLIED_BY = Map.of(DESCRIBE, Set.of(READ, WRITE),
            DESCRIBE_CONFIGS, Set.of(ALTER_CONFIGS));
    private static final Map<AclOperation, String> NAMES = Map.of(READ, "Read", WRITE, "Write", CREATE, "Create",
            DESCRIBE, "Describe", DESCRIBE_CONFIGS, "DescribeConfigs", ALTER_CONFIGS, "AlterConfigs");

    private final KafkaAccess kafka;
    private final Map<String, Set<AclOperation>> topics;
    private final Map<String, Set<AclOperation>> helpful;
    private final String group;
    private final String transactions;
    private final Set<String> watched;

    /**
     * @param topics       the required operations on each topic
     * @param helpful      further operations on topics; not required if an operator does the work instead
     * @param group        the consumer group that the service joins; empty if none
     * @param transactions prefix of the ids of the service's transactional producers; empty if it has none
     * @param watched      groups about which the service asks, without joining
     */
    private Rights(KafkaAccess kafka, Map<String, Set<AclOperation>> topics, Map<String, Set<AclOperation>> helpful,
            String group, String transactions, Set<String> watched) {
        this.kafka = kafka;
        this.topics = new TreeMap<>(topics);
        this.helpful = new TreeMap<>(helpful);
        this.group = group;
        this.transactions = transactions;
        this.watched = new TreeSet<>(watched);
    }

    /**
     * Returns the rights of an edge. The right on events is optional: without it, an edge cannot check that history
     * belongs to the same installation.
     */
    public static Rights ofEdge(KafkaAccess kafka) {
        var names = kafka.topics();
        return new Rights(kafka,
                Map.of(names.commands(), Set.of(WRITE), names.edges(), Set.of(READ, WRITE), names.deadLetters(),
                        Set.of(WRITE)),
                Map.of(names.events(), Set.of(DESCRIBE)), "", "", Set.of());
    }

    /**
     * Returns the rights of a router. The rights to create and alter topics are optional: an operator can create the
     * topics instead.
     */
    public static Rights ofRouter(KafkaAccess kafka) {
        var names = kafka.topics();
        return new Rights(kafka,
                Map.of(names.commands(), Set.of(READ, WRITE, DESCRIBE_CONFIGS), names.events(),
                        Set.of(WRITE, DESCRIBE_CONFIGS), names.state(), Set.of(READ, WRITE, DESCRIBE_CONFIGS),
                        names.edges(),
                        Set.of(READ, WRITE, DESCRIBE_CONFIGS), names.deadLetters(), Set.of(WRITE)),
                Map.of(names.commands(), Set.of(CREATE), names.events(), Set.of(CREATE), names.state(),
                        Set.of(CREATE, ALTER_CONFIGS), names.edges(),
                        Set.of(CREATE, ALTER_CONFIGS), names.deadLetters(), Set.of(CREATE)),
                names.prefixed("rejoin-router"), names.prefixed("rejoin-router-"), Set.of());
    }

    /** Returns the rights of a history service. */
    public static Rights ofHistory(KafkaAccess kafka) {
        var names = kafka.topics();
        return new Rights(kafka, Map.of(names.events(), Set.of(READ), names.deadLetters(), Set.of(WRITE)), Map.of(),
                names.prefixed("rejoin-history"), "", Set.of());
    }

    /**
     * Returns the rights of an operator who uses {@code infra/rejoinctl}, for all its commands except the creation of
     * topics.
     */
    public static Rights ofTools(KafkaAccess kafka) {
        var names = kafka.topics();
        return new Rights(kafka,
                Map.of(names.commands(), Set.of(READ, WRITE, DESCRIBE_CONFIGS), names.events(),
                        Set.of(READ, WRITE, DESCRIBE_CONFIGS), names.state(), Set.of(READ, DESCRIBE_CONFIGS),
                        names.edges(), Set.of(READ, WRITE, DESCRIBE_CONFIGS),
                        names.deadLetters(), Set.of(READ)),
                Map.of(), "", "", Set.of(names.prefixed("rejoin-router"), names.prefixed("rejoin-history")));
    }

    /** Returns one line for each resource: its kind and name, then the operations. */
    public List<String> lines() {
        var all = new TreeMap<String, Set<AclOperation>>();
        Stream.of(topics, helpful).forEach(some -> some.forEach((topic, operations) -> all.merge(topic, operations,
                (one, other) -> Stream.of(one, other).flatMap(Collection::stream).collect(Collectors.toSet()))));
        var lines = new ArrayList<String>();
        all.forEach((topic, operations) -> lines.add("topic " + topic + ": " + named(operations)));
        if (!group.isEmpty()) lines.add("group " + group + ": Read");
        watched.forEach(each -> lines.add("group " + each + ": Describe"));
        if (!transactions.isEmpty()) lines.add("transactional-id " + transactions + "*: Write");
        return lines;
    }

    /**
     * Checks the required rights with Kafka. Skips resources that do not exist yet.
     *
     * @throws IllegalStateException if rights are missing; the message names them and the commands that grant them
     * @throws ExecutionException if Kafka does not answer
     */
    public void check(Admin admin) throws ExecutionException, InterruptedException {
        var problems = new ArrayList<String>();
        var described = admin
                .describeTopics(topics.keySet(), new DescribeTopicsOptions().includeAuthorizedOperations(true))
                .topicNameValues();
        for (var topic : topics.entrySet()) {
            var found = allowed(Objects.requireNonNull(described.get(topic.getKey())), "topic", topic.getKey(),
                    topic.getValue(), problems);
            if (found == null || found.authorizedOperations() == null) continue; // an old broker does not say
            var missing = topic.getValue().stream()
                    .filter(operation -> !isAllowed(operation, found.authorizedOperations()))
                    .collect(Collectors.toSet());
            if (!missing.isEmpty()) problems.add(missing("topic", List.of(topic.getKey()), missing));
        }
        checkGroup(admin, problems);
        if (!transactions.isEmpty()) {
            var id = transactions + "0";
            allowed(admin.describeTransactions(List.of(id)).description(id), "transactional-id", transactions,
                    Set.of(WRITE), problems);
        }
        if (!problems.isEmpty()) throw new IllegalStateException(String.join("; ", problems));
    }

    private void checkGroup(Admin admin, List<String> problems)
            throws ExecutionException, InterruptedException {
        if (group.isEmpty()) return;
        var options = new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true);
        var found = allowed(
                Objects.requireNonNull(
                        admin.describeConsumerGroups(List.of(group), options).describedGroups().get(group)),
                "group", group, Set.of(READ), problems);
        if (found != null && found.authorizedOperations() != null && !found.authorizedOperations().contains(READ))
            problems.add(missing("group", List.of(group), Set.of(READ)));
    }

    /**
     * Waits for an answer. Returns null if the resource does not exist, or if Kafka refuses to describe it. Adds a
     * problem in the second case.
     */
    private <T> @Nullable T allowed(KafkaFuture<T> answer, String kind, String name, Set<AclOperation> needed,
            List<String> problems)
            throws ExecutionException, InterruptedException {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case AuthorizationException _ -> problems.add(missing(kind, List.of(name), needed));
                case UnknownTopicOrPartitionException _,GroupIdNotFoundException _,TransactionalIdNotFoundException _ ->
                    {
                    } // the right exists, the resource does not
                case null, default -> throw e;
            }
            return null;
        }
    }

    private static boolean isAllowed(AclOperation operation, Set<AclOperation> allowed) {
        return allowed.contains(operation)
                || IMPLIED_BY.getOrDefault(operation, Set.of()).stream().anyMatch(allowed::contains);
    }

    /**
     * Explains why Kafka refuses something, and what to do. Empty if neither the failure nor a cause of it is a
     * refusal.
     */
    public Optional<String> refusal(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .flatMap(cause -> explained(cause).stream()).findFirst();
    }

    private Optional<String> explained(Throwable cause) {
        return switch (cause) {
            case TopicAuthorizationException refused when !refused.unauthorizedTopics().isEmpty() -> Optional
                    .of(refused.unauthorizedTopics().stream().sorted()
                            .map(topic -> missing("topic", List.of(topic), topics.getOrDefault(topic,
                                    helpful.getOrDefault(topic, Set.of(DESCRIBE)))))
                            .collect(Collectors.joining("; ")));
            case GroupAuthorizationException _ -> Optional.of(group.isEmpty()
                    ? missing("group", List.copyOf(watched), Set.of(DESCRIBE))
                    : missing("group", List.of(group), Set.of(READ)));
            case TransactionalIdAuthorizationException _ ->
                Optional.of(missing("transactional-id", List.of(transactions), Set.of(WRITE)));
            case AuthorizationException refused -> Optional.of("Kafka at " + kafka.servers() + " refuses a request of "
                    + kafka.principal() + ": " + refused.getMessage() + ". This service needs these rights: "
                    + String.join("; ", lines()));
            case AuthenticationException refused -> Optional.of("Kafka at " + kafka.servers() + " refuses the login of "
                    + kafka.principal() + ": " + refused.getMessage() + ". Check KAFKA_SECURITY_PROTOCOL,"
                    + " KAFKA_SASL_* and KAFKA_SSL_*");
            default -> Optional.empty();
        };
    }

    /** Returns the text for missing rights: the operations that are not allowed, and the command that grants them. */
    public String missing(String kind, List<String> names, Set<AclOperation> operations) {
        var isPrefix = kind.equals("transactional-id");
        return "Kafka refuses " + kafka.principal() + " access to the " + kind + " " + String.join(", ", names)
                + (isPrefix ? "*" : "") + ": grant " + named(operations) + " with kafka-acls.sh"
                + " --bootstrap-server " + kafka.servers() + " --add --allow-principal " + kafka.principal()
                + each(" --operation ", List.of(named(operations).split(", "))) + each(" --" + kind + " ", names)
                + (isPrefix ? " --resource-pattern-type prefixed" : "")
                + " (all rights: infra/RUNBOOK.md, Guarded Kafka)";
    }

    private static String each(String before, List<String> words) {
        return words.stream().map(word -> before + word).collect(Collectors.joining());
    }

    private static String named(Set<AclOperation> operations) {
        return operations.stream().sorted().map(operation -> NAMES.getOrDefault(operation, operation.toString()))
                .collect(Collectors.joining(", "));
    }
}
