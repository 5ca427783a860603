using YamlDotNet.RepresentationModel;

namespace LoraRecycle.EndToEnd.Deploy;

public sealed class ComposeTests
{
    private const string Service = "lora-recycle";

    private readonly Dockerfile _images = Dockerfile.Read();

    public static TheoryData<string> Files => ["docker-compose.yml", "docker-compose.cuda.yml"];

    private static YamlNode Read(string file) => Assert.Single(YamlFile.Read(file));

    [Theory, MemberData(nameof(Files))]
    public void It_builds_a_target_that_is_there_and_calls_the_image_by_it(string file)
    {
        var service = Read(file).At($"services/{Service}")!;
        var target = service.Text("build/target")!;
        Assert.Contains(target, _images.Stages.Select(stage => stage.Name));
        Assert.Equal($"lora-recycle:{target}", service.Text("image"));
        foreach (var argument in service.Members("build/args").Keys)
            Assert.Contains(argument, _images.GlobalArguments.Keys);
    }

    [Theory, MemberData(nameof(Files))]
    public void Its_environment_holds_settings_of_the_service(string file)
    {
        foreach (var (variable, value) in Read(file).Pairs($"services/{Service}/environment"))
            KnownSettings.AssertTakes(file, variable, value.Contains("${", StringComparison.Ordinal) ? null : value);
    }

    [Fact]
    public void No_secret_is_in_the_file()
    {
        foreach (var (name, service) in Read("docker-compose.yml").Members("services"))
            foreach (var (variable, value) in service.Pairs("environment"))
            {
                Assert.DoesNotMatch(@"(?i)password=(?!\$\{)", value);
                if (variable.Contains("PASSWORD", StringComparison.OrdinalIgnoreCase))
                    Assert.True(
                        value.StartsWith("${", StringComparison.Ordinal) && value.Contains(":?", StringComparison.Ordinal),
                        $"{name}: {variable} must come from outside of the file, and must come."
                    );
            }
        Assert.True(DockerIgnore.Excludes(".env"), ".env must not get into an image.");
        Assert.Contains(".env", File.ReadLines(LoraRecycle.Tests.Repository.PathOf(".gitignore")));
    }

    [Fact]
    public void Uploads_have_a_volume_although_nothing_else_can_be_written()
    {
        var file = Read("docker-compose.yml");
        var service = file.At($"services/{Service}")!;
        Assert.Equal("true", service.Text("read_only"));
        var data = _images.Environment(service.Text("build/target")!)["Storage__Directory"];
        var volume = Assert.Single(service.Texts("volumes"), mount => mount.EndsWith($":{data}", StringComparison.Ordinal));
        Assert.Contains(volume.Split(':')[0], file.Members("volumes").Keys);
        Assert.Contains("/tmp", service.Texts("tmpfs"));
        Assert.Equal(["ALL"], service.Texts("cap_drop"));
        Assert.Contains("no-new-privileges:true", service.Texts("security_opt"));
    }

    [Fact]
    public void The_port_is_the_image_s_and_as_long_as_nobody_needs_a_key_this_machine_s_alone()
    {
        var service = Read("docker-compose.yml").At($"services/{Service}")!;
        var exposed = _images.Whole(_images.Stage(service.Text("build/target")!)).Last(instruction => instruction.Verb == "EXPOSE").Rest;
        Assert.Equal("true", service.Text("environment/Security__AllowAnonymous"));
        Assert.Equal($"127.0.0.1:8080:{exposed}", Assert.Single(service.Texts("ports")));
    }

    [Fact]
    public void It_waits_for_a_database_that_tells_its_health_and_is_the_one_that_it_connects_to()
    {
        var file = Read("docker-compose.yml");
        var service = file.At($"services/{Service}")!;
        var connection = service
            .Text("environment/State__ConnectionString")!
            .Split(';')
            .Select(part => part.Split('=', 2))
            .ToDictionary(part => part[0], part => part[1]);
        var database = file.At($"services/{connection["Host"]}")!;
        Assert.Equal("service_healthy", service.Text($"depends_on/{connection["Host"]}/condition"));
        Assert.Equal("pg_isready", database.Texts("healthcheck/test")[1]);
        Assert.Matches(@"^postgres:\d+", database.Text("image")!);
        Assert.Equal(database.Text("environment/POSTGRES_DB"), connection["Database"]);
        Assert.Equal(database.Text("environment/POSTGRES_USER"), connection["Username"]);
        Assert.Equal(database.Text("environment/POSTGRES_PASSWORD"), connection["Password"]);
        Assert.Contains(database.Texts("volumes").Select(mount => mount.Split(':')[0]), file.Members("volumes").Keys.Contains);
    }

    [Fact]
    public void The_variant_reserves_a_gpu_and_uses_it()
    {
        var service = Read("docker-compose.cuda.yml").At($"services/{Service}")!;
        Assert.Contains(service.Items("deploy/resources/reservations/devices"), device => device.Texts("capabilities").Contains("gpu"));
        Assert.Equal("cuda", service.Text("environment/Serving__Device"));
        Assert.Contains("NVIDIA_DRIVER_CAPABILITIES", _images.Environment(service.Text("build/target")!).Keys);
    }
}
