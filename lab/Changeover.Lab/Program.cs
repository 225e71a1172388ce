Console.WriteLine("changeover-lab");
