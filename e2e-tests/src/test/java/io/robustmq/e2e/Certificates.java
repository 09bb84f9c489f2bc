package io.robustmq.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An authority of a test's own and what it signed, made by openssl in a directory. */
final class Certificates {
    private final Path directory;

    Certificates(Path directory) {
        this.directory = directory;
        openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-authority -keyout ca.key -out ca.pem");
    }

    Path authority() {
        return directory.resolve("ca.pem");
    }

    Path certificate(String name) {
        return directory.resolve(name + ".pem");
    }

    Path key(String name) {
        return directory.resolve(name + ".key");
    }

    /** Certificate and key in one file, as Kafka's clients want them. */
    Path both(String name) {
        Path both = directory.resolve(name + "-both.pem");
        try {
            Files.writeString(both, Files.readString(key(name)) + Files.readString(certificate(name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return both;
    }

    /** A store with certificate and key. */
    Path store(String name, String password) {
        openssl("pkcs12 -export -in " + name + ".pem -inkey " + name + ".key -name " + name + " -passout pass:"
                + password + " -out " + name + ".p12");
        return directory.resolve(name + ".p12");
    }

    /** For {@code CN=name}, good for the loopback; takes the place of an earlier one in the same files. */
    Certificates sign(String name) {
        try {
            Files.writeString(directory.resolve("san.cnf"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        openssl("req -newkey rsa:2048 -nodes -subj /O=test/CN=" + name + " -keyout new.key -out new.csr");
        openssl("x509 -req -days 2 -CA ca.pem -CAkey ca.key -CAcreateserial -extfile san.cnf -in new.csr -out new.pem");
        move("new.key", name + ".key");
        move("new.pem", name + ".pem");
        return this;
    }

    private void move(String from, String to) {
        try {
            Files.move(
                    directory.resolve(from), directory.resolve(to), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void openssl(String arguments) {
        CommandLine.run("sh", "-c", "cd '" + directory + "' && openssl " + arguments + " 2>&1");
    }

    static boolean areAvailable() {
        return List.of("openssl", "sh").stream().allMatch(CommandLine::isInstalled);
    }
}
