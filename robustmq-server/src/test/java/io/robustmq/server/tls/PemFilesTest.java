package io.robustmq.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PemFilesTest {
    @TempDir
    private Path directory;

    @Test
    void keysOfBothFamiliesAreRead() throws Exception {
        for (String algorithm : new String[] {"RSA", "EC"}) {
            KeyPair pair = KeyPairGenerator.getInstance(algorithm).generateKeyPair();
            Path file = write("PRIVATE KEY", pair.getPrivate().getEncoded());
            assertThat(PemFiles.key(file, "")).isEqualTo(pair.getPrivate());
        }
    }

    @Test
    void anOldRsaKeyIsReadToo() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        byte[] whole = pair.getPrivate().getEncoded();
        // What PKCS 8 wraps is the old form: it begins after 26 bytes for keys of this size.
        Path file = write("RSA PRIVATE KEY", Arrays.copyOfRange(whole, 26, whole.length));
        assertThat(PemFiles.key(file, "")).isEqualTo(pair.getPrivate());
    }

    @Test
    void whatCannotBeReadIsNamed() throws Exception {
        for (Path file : new Path[] {
            write("CERTIFICATE", new byte[] {1}),
            write("EC PRIVATE KEY", new byte[] {1}),
            write("PRIVATE KEY", new byte[] {1})
        }) {
            assertThatExceptionOfType(GeneralSecurityException.class)
                    .isThrownBy(() -> PemFiles.key(file, ""))
                    .withMessageContaining("key.pem");
        }
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> PemFiles.key(directory.resolve("no"), ""));
    }

    @Test
    void theCommonNameIsFoundWhereverItStands() {
        assertThat(TlsContexts.commonName("O=factory,CN=dev\\,7,C=DE")).isEqualTo("dev,7");
        assertThat(TlsContexts.commonName("O=factory")).isEmpty();
        assertThat(TlsContexts.commonName("nonsense")).isEmpty();
    }

    private Path write(String kind, byte[] bytes) throws IOException {
        String text = "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder().encodeToString(bytes) + "\n-----END "
                + kind + "-----\n";
        return Files.writeString(Files.createTempDirectory(directory, "pem").resolve("key.pem"), text);
    }
}
