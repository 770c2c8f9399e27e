package io.rejoin.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The versions of Kafka and PostgreSQL that this build depends on. */
record Versions(String kafka, String postgres) {
    static Versions ofThisBuild() {
        try (var file = Versions.class.getResourceAsStream("versions.properties")) {
            if (file == null) throw new IllegalStateException("versions.properties is missing");
            var properties = new Properties();
            properties.load(file);
            return new Versions(properties.getProperty("kafka", ""), properties.getProperty("postgres", ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The image's name on registries. */
    String kafkaImage() {
        return "apache/kafka:" + kafka;
    }

    /** The image's name on registries, of any minor version. */
    String postgresImage() {
        return "postgres:" + postgres.substring(0, postgres.indexOf('.'));
    }
}
